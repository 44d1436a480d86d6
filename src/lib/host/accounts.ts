import { lstatSync, type Stats, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type HostPaths, type HostProcess, readText } from './processes.js'

/** A user of this machine (passwd(5)). */
export interface Account {
  name: string
  uid: number
  /** The primary group. */
  gid: number
}

const lines = (host: Pick<HostPaths, 'root'>, file: string): string[][] =>
  readText(join(host.root, 'etc', file))
    .split('\n')
    .map(line => line.split(':'))

/** Finds a user by name or id. */
export function findAccount(host: Pick<HostPaths, 'root'>, user: string | number): Account | undefined {
  for (const [name = '', , uid, gid] of lines(host, 'passwd'))
    if (uid && gid && (name === user || Number(uid) === user))
      return { name, uid: Number(uid), gid: Number(gid) }
  return undefined
}

/** The name of a user, or its id without a name. */
export const nameOfUser = (host: Pick<HostPaths, 'root'>, uid: number): string =>
  findAccount(host, uid)?.name ?? String(uid)

/** Finds the id of a group; undefined if there is no such group. */
export function findGroup(host: Pick<HostPaths, 'root'>, group: string): number | undefined {
  const found = lines(host, 'group').find(([name, , gid]) => name === group && gid)
  return found && Number(found[2])
}

/** The name of a group, or its id without a name. */
export const nameOfGroup = (host: Pick<HostPaths, 'root'>, gid: number): string =>
  lines(host, 'group').find(([, , id]) => id !== undefined && id !== '' && Number(id) === gid)?.[0] ??
  String(gid)

/** The user of a file, as the kernel compares it with modes (path_resolution(7)). */
export type Identity = Pick<HostProcess, 'uid' | 'groups' | 'ignoresModes'>

/** Any user of the machine without rights of its own. */
export const NOBODY: Identity = { uid: -1, groups: [], ignoresModes: false }

/**
 * The user with an id, and the groups of this user.
 *
 * @param gid group of a user who is not in passwd(5)
 */
export function identityOf(host: Pick<HostPaths, 'root'>, uid: number, gid: number): Identity {
  const account = findAccount(host, uid)
  const more = lines(host, 'group')
    .filter(([, , , members = '']) => account !== undefined && members.split(',').includes(account.name))
    .map(([, , id]) => Number(id))
  return { uid, groups: [account?.gid ?? gid, ...more], ignoresModes: false }
}

/** Who is in a group: nobody, one user, or anybody of several. */
export function identityOfGroup(host: Pick<HostPaths, 'root'>, gid: number): Identity | undefined {
  const named = lines(host, 'group').find(
    ([, , id]) => id !== undefined && id !== '' && Number(id) === gid,
  )?.[3]
  const listed = (named ?? '').split(',').flatMap(name => findAccount(host, name.trim()) ?? [])
  const primary = lines(host, 'passwd').filter(([, , uid, id]) => uid && id && Number(id) === gid)
  const [uid, ...more] = new Set([...primary.map(([, , one]) => Number(one)), ...listed.map(one => one.uid)])
  if (uid === undefined) return undefined
  return more.length === 0 ? identityOf(host, uid, gid) : { ...NOBODY, groups: [gid] }
}

/** The wanted access to a file or folder: to read it, to write to it, or to pass through it. */
export type Access = 'read' | 'write' | 'pass'

const BITS: Record<Access, number> = { read: 4, write: 2, pass: 1 }

/** What denies access to a path. */
export interface Obstacle {
  path: string
  /** Undefined if the path does not exist. */
  mode: number | undefined
  uid: number
  gid: number
}

/**
 * Finds from the modes whether a user may use a path. It ignores access lists, security modules and mounts. So the
 * result explains a failure, but its absence does not prove that access works.
 *
 * @param path absolute
 * @returns the first file or folder on the way that denies access; undefined if none does
 */
export function findObstacle(who: Identity, path: string, wanted: Access): Obstacle | undefined {
  for (const folder of parentsOf(path)) {
    const closed = obstacleAt(who, folder, 'pass')
    if (closed) return closed
  }
  return obstacleAt(who, path, wanted)
}

/** The folders above a path, the outermost first. */
export function parentsOf(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [] : [...parentsOf(parent), parent]
}

function obstacleAt(who: Identity, path: string, wanted: Access): Obstacle | undefined {
  const stat = statSync(path, { throwIfNoEntry: false }) ?? lstatSync(path, { throwIfNoEntry: false })
  if (!stat) return { path, mode: undefined, uid: -1, gid: -1 }
  const { mode, uid, gid } = stat
  return allows(who, stat, wanted) ? undefined : { path, mode: mode & 0o7777, uid, gid }
}

/** Whether the mode of a file or folder gives a user this access. */
export function allows(
  who: Identity,
  { mode, uid, gid }: Pick<Stats, 'mode' | 'uid' | 'gid'>,
  wanted: Access,
): boolean {
  const shift = uid === who.uid ? 6 : who.groups.includes(gid) ? 3 : 0
  return who.ignoresModes || ((mode >> shift) & BITS[wanted]) !== 0
}
