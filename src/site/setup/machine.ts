import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../core/errors.js'
import { type Account, findAccount } from '../../lib/host/accounts.js'
import { type AsteriskProcess, allAsterisks } from '../../lib/host/asterisk-process.js'
import type { HostPaths } from '../../lib/host/processes.js'

/** The machine that is set up. */
export interface Machine {
  host: HostPaths
  /** Asterisk's main file, absolute on the machine. */
  asteriskConfig: string
  /** True if commands can be run. False if a folder with copied files stands for the machine. */
  isLive: boolean
}

/** The path of the machine's file for this process. */
export const placeOf = ({ host }: Pick<Machine, 'host'>, path: string): string => join(host.root, path)

/** Reads a file. @returns undefined if absent @throws AppError `tool.failed` if it cannot be read */
export function readFile(machine: Pick<Machine, 'host'>, path: string): string | undefined {
  const place = placeOf(machine, path)
  if (!existsSync(place)) return undefined
  try {
    return readFileSync(place, 'utf8')
  } catch (error) {
    throw new AppError('tool.failed', `${place} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}

/** The owner of a file; undefined if absent. */
export function ownerOf(
  machine: Pick<Machine, 'host'>,
  path: string,
): { uid: number; gid: number } | undefined {
  const stat = statSync(placeOf(machine, path), { throwIfNoEntry: false })
  return stat && { uid: stat.uid, gid: stat.gid }
}

/** The service's user, in every package and unit. */
export const SERVICE_USER = 'consentry'

export const serviceAccount = ({ host }: Pick<Machine, 'host'>): Account | undefined =>
  findAccount(host, SERVICE_USER)

/** Finds the running Asterisk with this configuration, if any. */
export const runningAsterisk = ({ host, asteriskConfig, isLive }: Machine): AsteriskProcess | undefined =>
  isLive ? allAsterisks(host).find(({ config }) => config === asteriskConfig) : undefined
