import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Account, findAccount } from '../host/accounts.js'
import { type AsteriskProcess, allAsterisks } from '../host/asterisk-process.js'
import type { HostPaths } from '../host/processes.js'
import { AppError } from '../shared/errors.js'

/** The machine that is set up. */
export interface Machine {
  host: HostPaths
  /** Asterisk's main file, absolute on the machine. */
  asteriskConfig: string
  /** Whether commands can be run: not where files below a folder stand for those of a machine. */
  isLive: boolean
}

/** Where a file of the machine is for this process. */
export const placeOf = ({ host }: Pick<Machine, 'host'>, path: string): string => join(host.root, path)

/** Reads a file. @returns undefined if there is none @throws AppError `tool.failed` if it cannot be read */
export function readFile(machine: Pick<Machine, 'host'>, path: string): string | undefined {
  const place = placeOf(machine, path)
  if (!existsSync(place)) return undefined
  try {
    return readFileSync(place, 'utf8')
  } catch (error) {
    throw new AppError('tool.failed', `${place} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}

/** The owner of a file; undefined if there is none. */
export function ownerOf(
  machine: Pick<Machine, 'host'>,
  path: string,
): { uid: number; gid: number } | undefined {
  const stat = statSync(placeOf(machine, path), { throwIfNoEntry: false })
  return stat && { uid: stat.uid, gid: stat.gid }
}

/** The user of the service, in every package and unit. */
export const SERVICE_USER = 'consentry'

export const serviceAccount = ({ host }: Pick<Machine, 'host'>): Account | undefined =>
  findAccount(host, SERVICE_USER)

/** The Asterisk that runs with this configuration; undefined if none does. */
export const runningAsterisk = ({ host, asteriskConfig, isLive }: Machine): AsteriskProcess | undefined =>
  isLive ? allAsterisks(host).find(({ config }) => config === asteriskConfig) : undefined
