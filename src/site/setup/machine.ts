import { join } from 'node:path'
import { type Account, findAccount } from '../../lib/host/accounts.js'
import { type AsteriskProcess, allAsterisks } from '../../lib/host/asterisk-process.js'
import { type GuardedText, readGuarded } from '../../lib/host/guarded-files.js'
import type { Leader } from '../../lib/host/guarded-path.js'
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

/**
 * Reads a file with its owner and mode.
 *
 * @param path absolute on the machine
 * @param leader the user who named the path, if it was not root
 * @returns undefined if absent
 * @throws AppError `tool.failed` if it cannot be read; `file.refused` if another user may exchange it for a file of root
 */
export const seenFile = (
  { host }: Pick<Machine, 'host'>,
  path: string,
  leader?: Leader,
): GuardedText | undefined => readGuarded(host, path, leader)

/** The content of a file, as `seenFile`. */
export const readFile = (machine: Pick<Machine, 'host'>, path: string, leader?: Leader): string | undefined =>
  seenFile(machine, path, leader)?.text

/** The service's user, in every package and unit. */
export const SERVICE_USER = 'consentry'

export const serviceAccount = ({ host }: Pick<Machine, 'host'>): Account | undefined =>
  findAccount(host, SERVICE_USER)

/** Finds the running Asterisk with this configuration, if any. */
export const runningAsterisk = ({ host, asteriskConfig, isLive }: Machine): AsteriskProcess | undefined =>
  isLive ? allAsterisks(host, asteriskConfig).find(({ config }) => config === asteriskConfig) : undefined
