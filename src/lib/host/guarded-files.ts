import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../../core/errors.js'
import { allows, nameOfUser } from './accounts.js'
import {
  asRead,
  type Held,
  type HeldEntry,
  type Leader,
  placeIn,
  refused,
  withEntry,
  withHeld,
} from './guarded-path.js'
import type { HostPaths } from './processes.js'

/** What was read of a file. */
export interface GuardedText {
  text: string
  /** Who can change the file, or has chosen it, and so has named all that it names; undefined for root alone. */
  leader: Leader
  /** Tells this content from any other that the file has later. */
  mark: string
  uid: number
  gid: number
  mode: number
}

type Root = Pick<HostPaths, 'root'>

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

/**
 * Reads a regular file.
 *
 * @param path absolute on the machine
 * @param leader the user who named the path, if it was not root
 * @returns undefined if it does not exist
 * @throws AppError `file.refused` for what root must not read for the leader; `tool.failed` if this process may not read it
 */
export const readGuarded = (host: Root, path: string, leader?: Leader): GuardedText | undefined =>
  withHeld(host, path, leader, held => {
    requireFile(held)
    const { uid, gid, mode } = held.stat
    const text = asRead(path, () => withReadable(held, fd => readFileSync(fd, 'utf8')))
    return { text, leader: held.leader, mark: markOf(held.stat), uid, gid, mode: mode & 0o777 }
  })

/** How a file is replaced. */
export interface Replacement {
  content: string
  /** The mark of the present content, as it was read; undefined if the file did not exist. */
  mark: string | undefined
  leader: Leader
  /** Mode and owner of a new file; by default our own user. A present file keeps its own. */
  mode: number
  owner?: { uid: number; gid: number } | undefined
}

/**
 * Replaces or makes a file atomically and durably, and missing folders above it.
 *
 * @throws AppError `file.refused` if it has changed since it was read, is no regular file, or is not the leader's to write; `tool.failed`
 */
export function replaceGuarded(host: Root, path: string, wanted: Replacement): void {
  const { leader, mark, content } = wanted
  if (!leader) makeFolders(host, dirname(path))
  const done = withEntry(host, entryOf(path, leader), entry => {
    requireWritable(host, entry, mark)
    const { folder, name, there } = entry
    const owner = there?.stat ?? wanted.owner ?? { uid: process.geteuid!(), gid: process.getegid!() }
    const mode = there?.stat.mode ?? wanted.mode
    asWritten(path, () => {
      const draft = placeIn(folder, `.${name}.${randomBytes(8).toString('hex')}.new`)
      try {
        writeDraft(draft, content, { uid: owner.uid, gid: owner.gid, mode: mode & 0o777 })
        renameSync(draft, placeIn(folder, name))
      } catch (error) {
        removeDraft(draft)
        throw error
      }
      syncFolder(folder)
    })
    return true
  })
  if (!done) throw new AppError('tool.failed', `${path} cannot be written: there is no such folder`)
}

/** Removes a file, unless it is gone. @throws as `replaceGuarded` */
export function removeGuarded(host: Root, path: string, mark: string, leader?: Leader): void {
  withEntry(host, entryOf(path, leader), entry => {
    if (!entry.there) return
    requireWritable(host, entry, mark)
    asWritten(path, () => {
      unlinkSync(placeIn(entry.folder, entry.name))
      syncFolder(entry.folder)
    })
  })
}

/** Takes rights of a mode away from a file. @param rights bits of the mode @throws as `replaceGuarded` */
export function closeGuarded(host: Root, path: string, rights: number, leader?: Leader): void {
  withEntry(host, entryOf(path, leader), entry => {
    const { there } = entry
    if (!there) return
    requireWritable(host, entry, markOf(there.stat))
    asWritten(path, () => withReadable(there, fd => fchmodSync(fd, there.stat.mode & 0o777 & ~rights)))
  })
}

const entryOf = (path: string, leader: Leader) => ({ folder: dirname(path), name: basename(path), leader })

/** A change of content, owner, mode or names sets the last time, which no user can choose. */
const markOf = ({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string =>
  [dev, ino, size, mtimeMs, ctimeMs].join(' ')

function requireFile({ path, stat }: Held): void {
  if (stat.isSymbolicLink())
    throw refused(path, 'is a symbolic link', 'Put a file in its place, or write into its target yourself.')
  if (!stat.isFile()) throw refused(path, 'is no regular file', 'Put a file in its place.')
}

/** Requires that a name in a folder has the content that was read, and that its leader may write it. */
function requireWritable(host: Root, { folder, there, name }: HeldEntry, mark: string | undefined): void {
  const path = join(folder.path, name)
  if (there) requireFile(there)
  if ((there && markOf(there.stat)) !== mark)
    throw refused(path, 'has changed since it was read', 'Run the command again.')
  const { leader } = folder
  if (!leader) return
  if (!allows(leader, folder.stat, 'write') && !(there && allows(leader, there.stat, 'write')))
    throw refused(
      path,
      `was named by ${nameOfUser(host, leader.uid)}, who may not write it`,
      'Name it in a file that only root can change.',
    )
  if (there && there.stat.nlink > 1)
    throw refused(path, 'has a second name (hard link)', 'Make it a file of its own.')
}

function makeFolders(host: Root, path: string): void {
  if (path === '/' || withHeld(host, path, undefined, () => true)) return
  makeFolders(host, dirname(path))
  withEntry(host, entryOf(path, undefined), ({ folder, name }) => {
    if (folder.leader)
      throw refused(path, `is missing, and its parent is not root's`, `Make it: mkdir ${path}`)
    asWritten(path, () => mkdirSync(placeIn(folder, name), { mode: 0o755 }))
  })
}

function writeDraft(
  place: string,
  content: string,
  { uid, gid, mode }: { uid: number; gid: number; mode: number },
): void {
  const fd = openSync(place, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    writeFileSync(fd, content)
    // Only root may give files away. Others write as themselves.
    if (process.geteuid!() === 0) fchownSync(fd, uid, gid)
    fchmodSync(fd, mode)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function removeDraft(place: string): void {
  try {
    unlinkSync(place)
  } catch {
    // It was not made.
  }
}

/** Opens what is held for reading. */
function withReadable<T>(held: Held, use: (fd: number) => T): T {
  const fd = openSync(placeIn(held), O_RDONLY | O_NONBLOCK)
  try {
    return use(fd)
  } finally {
    closeSync(fd)
  }
}

function syncFolder(folder: Held): void {
  const fd = openSync(placeIn(folder), O_RDONLY | O_DIRECTORY)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function asWritten(path: string, call: () => void): void {
  try {
    call()
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('tool.failed', `${path} cannot be written: ${(error as NodeJS.ErrnoException).code}`)
  }
}
