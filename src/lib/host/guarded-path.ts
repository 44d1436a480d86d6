/*
 * Opens files of a machine for root, although another user may exchange them by links at any moment: Asterisk's user owns the folder
 * of its configuration.
 *
 * The walk to a file opens each name by itself and judges what it has opened, so that a name may point elsewhere later without harm. As
 * long as only root can change what was passed, it follows everything. From the first thing on that another user can change, this user
 * leads. Everything behind it must belong to the leader, or to root and be open to the leader. So a leader gets nothing through root that
 * the leader could not open.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../core/errors.js'
import { allows, type Identity, identityOf, identityOfGroup, NOBODY, nameOfUser } from './accounts.js'
import type { HostPaths } from './processes.js'

/** The user, other than root, who may have chosen where a path leads; undefined without one. */
export type Leader = Identity | undefined

/** A file, folder or socket that is held open. Its descriptor allows neither to read nor to write. */
export interface Held {
  fd: number
  /** Its path on the machine, for messages. */
  path: string
  stat: Stats
  leader: Leader
}

/** A held folder, and the held thing of a name in it; undefined if there is none. */
export interface HeldEntry {
  folder: Held
  name: string
  there: Held | undefined
}

type Root = Pick<HostPaths, 'root'>

/** open(2): the descriptor names a place alone. Node has no constant for it. */
const O_PATH = 0o10_000_000
const { O_DIRECTORY, O_NOFOLLOW } = constants
/** Most links on a way (path_resolution(7)). */
const MOST_LINKS = 40
/** What the system answers where there is nothing. */
const ABSENT = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']
const [STICKY, GROUP_WRITES, ALL_WRITE] = [0o1000, 0o020, 0o002]

/** The path of an open descriptor, or of a name in an open folder, for this process. */
export const placeIn = ({ fd }: Pick<Held, 'fd'>, name = ''): string =>
  join('/proc/self/fd', String(fd), name)

/** True for root and the user of this process. */
export const isTrusted = (uid: number): boolean => uid === 0 || uid === process.geteuid?.()

/**
 * Holds a file, folder or socket open for `use`.
 *
 * @param path absolute on the machine
 * @param leader the user who named the path, if it was not root
 * @returns undefined if it does not exist
 * @throws AppError `file.refused` if the leader may not have it; `tool.failed` if this process may not
 */
export function withHeld<T>(host: Root, path: string, leader: Leader, use: (held: Held) => T): T | undefined {
  const walk = new Walk(host, leader)
  try {
    const held = walk.to(path)
    return held && use(held)
  } finally {
    walk.close()
  }
}

/**
 * Holds a folder and one name in it open for `use`. A link of this name is not followed.
 *
 * @returns undefined if the folder does not exist
 * @throws as `withHeld`
 */
export function withEntry<T>(
  host: Root,
  { folder, name, leader }: { folder: string; name: string; leader: Leader },
  use: (entry: HeldEntry) => T,
): T | undefined {
  const walk = new Walk(host, leader)
  try {
    const held = walk.to(folder)
    if (!held) return undefined
    requireFolder(held)
    return use({ folder: held, name, there: walk.entry(held, name) })
  } finally {
    walk.close()
  }
}

/** The names in a folder; none if it does not exist. @throws as `withHeld` */
export const namesIn = (host: Root, path: string, leader: Leader): string[] =>
  withHeld(host, path, leader, held => {
    requireFolder(held)
    if (held.leader && !allows(held.leader, held.stat, 'read'))
      throw refused(path, `is closed to ${nameOfUser(host, held.leader.uid)}`, 'Name the files one by one.')
    return asRead(path, () => readdirSync(placeIn(held)))
  }) ?? []

/** The user, other than root, who can change a file or one of the folders above it; undefined without one. @throws as `withHeld` */
export const leaderOf = (host: Root, path: string): Leader =>
  withHeld(host, path, undefined, held => held.leader)

/** The error for what root must not touch for another user. @param remedy a sentence */
export const refused = (path: string, why: string, remedy: string): AppError =>
  new AppError('file.refused', `${path} ${why}, so root leaves it alone. ${remedy}`)

function requireFolder({ path, stat }: Held): void {
  if (!stat.isDirectory()) throw refused(path, 'is no folder', 'Put a folder in its place.')
}

/** Runs a system call about a path. @throws AppError `tool.failed` with the system's code */
export function asRead<T>(path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw new AppError('tool.failed', `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}

/** One walk, with all that it has opened. */
class Walk {
  private readonly opened: number[] = []

  constructor(
    private readonly host: Root,
    private leader: Leader,
  ) {}

  close(): void {
    for (const fd of this.opened) closeSync(fd)
  }

  /** Walks from the root folder, and follows links. */
  to(path: string): Held | undefined {
    const top = this.top()
    let way = [top]
    const names = partsOf(path)
    for (let links = 0; names.length > 0; ) {
      const name = names.pop()!
      if (name === '..') {
        way = way.length > 1 ? way.slice(0, -1) : way
        continue
      }
      const folder = way.at(-1)!
      const held = this.entry(folder, name)
      if (!held) return undefined
      if (!held.stat.isSymbolicLink()) {
        way.push(held)
        continue
      }
      if (++links > MOST_LINKS) throw refused(path, 'is a loop of links', 'Put a file in its place.')
      const target = asRead(held.path, () => readlinkSync(placeIn(folder, name)))
      if (target.startsWith('/')) way = [top]
      names.push(...partsOf(target))
    }
    return { ...way.at(-1)!, leader: this.leader }
  }

  /** Opens and judges one name. */
  entry(folder: Held, name: string): Held | undefined {
    const path = join(folder.path, name)
    const fd = this.open(path, placeIn(folder, name), O_NOFOLLOW)
    if (fd === undefined) return undefined
    const stat = fstatSync(fd)
    this.leader = this.judge({ path, stat, folder })
    return { fd, path, stat, leader: this.leader }
  }

  /** The folder that stands for the root of the machine. Who starts the command names it. */
  private top(): Held {
    const fd = this.open('/', this.host.root, O_DIRECTORY)
    if (fd === undefined) throw new AppError('tool.failed', `There is no folder ${this.host.root}.`)
    return { fd, path: '/', stat: fstatSync(fd), leader: this.leader }
  }

  private open(path: string, place: string, flag: number): number | undefined {
    if (place.includes('\0')) return undefined
    try {
      const fd = openSync(place, O_PATH | flag)
      this.opened.push(fd)
      return fd
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      if (ABSENT.includes(code)) return undefined
      throw new AppError('tool.failed', `${path} cannot be read: ${code}`)
    }
  }

  /** @returns who leads from here on */
  private judge({ path, stat, folder }: { path: string; stat: Stats; folder: Held }): Leader {
    const { host, leader } = this
    if (!leader) return changerOf(host, stat)
    const user = nameOfUser(host, leader.uid)
    if (stat.uid !== leader.uid && !isTrusted(stat.uid))
      throw refused(
        path,
        `belongs to ${nameOfUser(host, stat.uid)}, and ${user} can exchange it`,
        `See what it is, then give it to its user: chown ${user} ${path}`,
      )
    if (stat.uid === leader.uid || stat.isSymbolicLink()) return leader
    if (!stat.isSocket() && !allows(leader, stat, stat.isDirectory() ? 'pass' : 'read'))
      throw refused(
        path,
        `is closed to ${user}, who can exchange it`,
        `See what it is. If Asterisk needs it: chown ${user} ${path}`,
      )
    if (stat.isFile() && stat.nlink > 1 && allows(leader, folder.stat, 'write'))
      throw refused(
        path,
        'has a second name (hard link)',
        `See what it is, then make it a file of its own: cp ${path} ${path}.new && mv ${path}.new ${path}`,
      )
    return leader
  }
}

/** The parts of a path, the last one first. */
const partsOf = (path: string): string[] =>
  path
    .split('/')
    .filter(one => one !== '' && one !== '.')
    .reverse()

/** Who can change a thing in a folder that only root can change. */
function changerOf(host: Root, stat: Stats): Leader {
  if (!isTrusted(stat.uid)) return identityOf(host, stat.uid, stat.gid)
  if (stat.isSymbolicLink()) return undefined
  // In a sticky folder each user changes own names alone.
  if (stat.isDirectory() && (stat.mode & STICKY) !== 0) return undefined
  if ((stat.mode & ALL_WRITE) !== 0) return NOBODY
  if ((stat.mode & GROUP_WRITES) === 0 || stat.gid === 0) return undefined
  const member = identityOfGroup(host, stat.gid)
  return member && isTrusted(member.uid) ? undefined : member
}
