import { lstatSync, readdirSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parentsOf } from './accounts.js'
import { isTrusted, leaderOf } from './guarded-path.js'
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
  /** Path of its control socket, which `asterisk -rx` asks; undefined if this user may not know it. */
  console: string | undefined
  /** True if option `-g` lets it dump core, whatever `dumpcore` is set to. */
  dumpsByOption: boolean
}

const DEFAULT_CONFIG = '/etc/asterisk/asterisk.conf'
/** Folders that only root gives to Asterisk's user. */
const OWN_FOLDERS = ['/etc/asterisk', '/run/asterisk', '/var/lib/asterisk']
/** Control group of a unit that only root writes. */
const OWN_UNIT = /\/(asterisk|freepbx)\.service(\/|$)/m
/** Options of Asterisk that take a word. */
const WITH_WORD = 'CxUGMLse'

/**
 * Finds the Asterisk whose ARI has an address.
 *
 * @param port TCP port of ARI on this machine
 * @returns undefined if none runs here, or if several run and the port does not identify one
 */
export function findAsterisk(host: HostPaths, port: number): AsteriskProcess | undefined {
  const found = allAsterisks(host)
  const listening = found.length > 1 ? found.filter(({ pid }) => listensAt(host, pid, port)) : found
  const [only, ...more] = listening
  return more.length > 0 ? undefined : only
}

/**
 * Finds every Asterisk that runs on this machine as root, as this user, or as the user of the PBX. A process that another user has
 * started, whatever it is called, is none.
 *
 * @param config another `asterisk.conf`, whose owner is the user of the PBX, too
 */
export const allAsterisks = (host: HostPaths, config: string = DEFAULT_CONFIG): AsteriskProcess[] => {
  const users = usersOf(host, config)
  return processIds(host).flatMap(pid => describe(host, pid, users) ?? [])
}

function describe(host: HostPaths, pid: number, users: ReadonlySet<number>): AsteriskProcess | undefined {
  const program = programOf(host, pid)
  const args = argumentsOf(host, pid)
  const at = program === undefined ? -1 : programAt(program, args)
  // A remote console is not a running Asterisk.
  if (at < 0 || args.slice(at + 1).some(word => /^-[a-zA-Z]*[rRx]/.test(word))) return undefined
  const found = readProcess(host, pid)
  if (!found || !(users.has(found.uid) || isTrusted(found.uid) || isInUnit(host, pid))) return undefined
  return { ...found, console: consoleOf(host, pid), ...readOptions(args.slice(at + 1)) }
}

/** The users to whom root has given the folders of the PBX. */
function usersOf(host: HostPaths, config: string): Set<number> {
  const leaders = [config, ...OWN_FOLDERS].map(path => {
    try {
      return leaderOf(host, path)
    } catch {
      return undefined
    }
  })
  return new Set(leaders.flatMap(leader => leader?.uid ?? []))
}

const isInUnit = (host: HostPaths, pid: number): boolean =>
  OWN_UNIT.test(readText(join(host.proc, String(pid), 'cgroup')))

/**
 * The program of a process, from the kernel. For root it must be a file that only root can change. The kernel shows it to root and the
 * process's user alone; to others the command line has to do, which any user can set.
 */
function programOf(host: HostPaths, pid: number): string | undefined {
  const link = join(host.proc, String(pid), 'exe')
  try {
    // The kernel marks a file that an upgrade has replaced.
    const path = readlinkSync(link).replace(/ \(deleted\)$/, '')
    return process.geteuid?.() !== 0 || isRoots(link, path) ? path : undefined
  } catch (error) {
    const isClosed = (error as NodeJS.ErrnoException).code === 'EACCES' && process.geteuid?.() !== 0
    return isClosed ? argumentsOf(host, pid)[0] : undefined
  }
}

/** True if only root can change a file, and exchange it. */
const isRoots = (link: string, path: string): boolean =>
  isClosed(statSync(link)) && parentsOf(path).every(folder => isClosed(lstatSync(folder)))

/** True if only root can change it. In a sticky folder each user changes own names alone. */
const isClosed = (stat: Stats): boolean =>
  stat.uid === 0 && ((stat.mode & 0o022) === 0 || (stat.isDirectory() && (stat.mode & 0o1000) !== 0))

/** The index of the program in a command line. The dynamic loader may come before it. */
function programAt(program: string, args: readonly string[]): number {
  if (basename(program) === 'asterisk') return 0
  return basename(program).startsWith('ld-') ? args.findIndex(word => basename(word) === 'asterisk') : -1
}

/** Reads the options of Asterisk's command line, which may be joined: `-fg`. */
function readOptions(words: readonly string[]): { config: string; dumpsByOption: boolean } {
  const given = { config: DEFAULT_CONFIG, dumpsByOption: false }
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
  const own = socketsOf(host, pid)
  return listenersAt(host, pid, port).some(inode => own.has(inode))
}

/** Inodes of the sockets of a process; none if this user may not see its files. */
function socketsOf({ proc }: HostPaths, pid: number): Set<string> {
  const folder = join(proc, String(pid), 'fd')
  try {
    const links = readdirSync(folder).map(fd => linkOf(join(folder, fd)))
    return new Set(links.flatMap(link => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
  } catch {
    return new Set()
  }
}

/** A socket of the file system that listens, in proc_pid_net(5): flags, type, state, inode and path. */
const LISTENING = /^\S+ \S+ \S+ 00010000 \S+ \S+ +(\d+) (\/.*\.ctl)$/gm

/** Path of the control socket of an Asterisk. */
function consoleOf(host: HostPaths, pid: number): string | undefined {
  const own = socketsOf(host, pid)
  const rows = readText(join(host.proc, String(pid), 'net', 'unix')).matchAll(LISTENING)
  return [...rows].find(([, inode]) => own.has(inode!))?.[2]
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
function listenersAt({ proc }: HostPaths, pid: number, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const rows = ['tcp', 'tcp6'].flatMap(name =>
    readText(join(proc, String(pid), 'net', name))
      .split('\n')
      .slice(1),
  )
  return rows.flatMap(row => {
    const fields = row.trim().split(/\s+/)
    return fields[1]?.endsWith(`:${hex}`) && fields[3] === LISTEN && fields[9] ? [fields[9]] : []
  })
}
