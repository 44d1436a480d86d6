import { readdirSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  argumentsOf,
  type HostPaths,
  type HostProcess,
  processIds,
  readProcess,
  readText,
} from './processes.js'

/** A running Asterisk. */
export interface AsteriskProcess extends HostProcess {
  /** `asterisk.conf`, by option `-C` or Asterisk's default. */
  config: string
  /** The words that start its program, with an interpreter first, if any. */
  program: readonly string[]
  /** True if option `-g` lets it dump core, whatever `dumpcore` is set to. */
  dumpsByOption: boolean
}

const DEFAULT_CONFIG = '/etc/asterisk/asterisk.conf'
/** Options of Asterisk that take a word. */
const WITH_WORD = 'CxUGMLse'

/**
 * Finds the Asterisk whose ARI has an address.
 *
 * @param port TCP port of ARI on this machine
 * @returns undefined if none runs here, or if several run and the port does not identify one
 */
export function findAsterisk(host: HostPaths, port: number): AsteriskProcess | undefined {
  const pids = processIds(host).filter(pid => isAsterisk(argumentsOf(host, pid)))
  const listening = pids.length > 1 ? pids.filter(pid => listensAt(host, pid, port)) : pids
  const [pid, ...more] = listening
  return pid === undefined || more.length > 0 ? undefined : describe(host, pid)
}

/** Finds every running Asterisk on this machine. */
export const allAsterisks = (host: HostPaths): AsteriskProcess[] =>
  processIds(host)
    .filter(pid => isAsterisk(argumentsOf(host, pid)))
    .flatMap(pid => describe(host, pid) ?? [])

function describe(host: HostPaths, pid: number): AsteriskProcess | undefined {
  const found = readProcess(host, pid)
  return (
    found && {
      ...found,
      program: found.args.slice(0, programAt(found.args) + 1),
      ...readOptions(found.args),
    }
  )
}

/**
 * The index of the program in a command line. An interpreter such as the dynamic loader may come before it. A remote
 * console is not a running Asterisk.
 */
const programAt = (args: readonly string[]): number =>
  basename(args[0] ?? '') === 'asterisk'
    ? 0
    : basename(args[0] ?? '').startsWith('ld-')
      ? args.findIndex(word => basename(word) === 'asterisk')
      : -1

function isAsterisk(args: readonly string[]): boolean {
  const at = programAt(args)
  return at >= 0 && !args.slice(at + 1).some(word => /^-[a-zA-Z]*[rRx]/.test(word))
}

/** Reads the options of Asterisk's command line, which may be joined: `-fg`. */
function readOptions(args: readonly string[]): { config: string; dumpsByOption: boolean } {
  const given = { config: DEFAULT_CONFIG, dumpsByOption: false }
  const words = args.slice(programAt(args) + 1)
  for (let i = 0; i < words.length; i++) {
    const [, letters] = /^-([a-zA-Z].*)$/.exec(words[i]!) ?? []
    for (let at = 0; letters !== undefined && at < letters.length; at++) {
      if (letters[at] === 'g') given.dumpsByOption = true
      if (!WITH_WORD.includes(letters[at]!)) continue
      const word = letters.slice(at + 1) || words[++i]
      if (letters[at] === 'C' && word) given.config = word
      break
    }
  }
  return given
}

/** True if a process listens at a port. False if this user may not see its files. */
function listensAt(host: HostPaths, pid: number, port: number): boolean {
  const inodes = listenersAt(host, pid, port)
  try {
    const folder = join(host.proc, String(pid), 'fd')
    return readdirSync(folder).some(fd => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(linkOf(join(folder, fd))) ?? []
      return inode !== undefined && inodes.has(inode)
    })
  } catch {
    return false
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** State of a listening socket in proc_pid_net(5). */
const LISTEN = '0A'

/** Inodes of the sockets that listen at a port, on any address. */
function listenersAt({ proc }: HostPaths, pid: number, port: number): Set<string> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const rows = ['tcp', 'tcp6'].flatMap(name =>
    readText(join(proc, String(pid), 'net', name))
      .split('\n')
      .slice(1),
  )
  return new Set(
    rows.flatMap(row => {
      const fields = row.trim().split(/\s+/)
      return fields[1]?.endsWith(`:${hex}`) && fields[3] === LISTEN && fields[9] ? [fields[9]] : []
    }),
  )
}
