import { join } from 'node:path'
import { type HostPaths, readText } from './processes.js'

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
