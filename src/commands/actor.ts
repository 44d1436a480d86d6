import { userInfo } from 'node:os'
import { type Request, text, UsageError } from './command.js'

/** The option of every verb that leaves a trace of who asked for it. */
export const byOption = { by: { type: 'string' } } as const

/** Root's user id. The service does not run as root, so root is a person. */
const ROOT = 0
/** The lowest user id of a person (`UID_MIN` of login.defs); ids below belong to services. */
const FIRST_PERSON = 1_000
/** Users that are no persons, whatever their ids. */
const NO_PEOPLE = ['nobody', 'consentry']
/** What may be a user's name: nothing that could pass for other words in the journal. */
const USER_NAME = /^[A-Za-z_][\w.@-]{0,63}$/

/** The user whom a process runs as. */
export interface SystemUser {
  uid: number
  /** Undefined for a user id without a name, which is usual in containers. */
  name: string | undefined
  /** Who became this user by `sudo` (`SUDO_USER`). */
  sudoUser: string | undefined
}

/**
 * Who acts: whom `--by` names, else the person who runs this process or became its user by `sudo`.
 *
 * @returns the name for the journal
 * @throws UsageError where the system's user is no person and nobody is named
 */
export function actor(request: Request, user = systemUser()): string {
  const named = text(request, 'by')?.trim()
  if (named) return named
  const own = user.uid >= FIRST_PERSON || user.uid === ROOT ? user.name : undefined
  // Whoever became root by `sudo` is named, not root.
  const names = user.uid === ROOT ? [user.sudoUser, own] : [own, user.sudoUser]
  const person = names.find(name => name !== undefined && USER_NAME.test(name) && !NO_PEOPLE.includes(name))
  if (person) return person
  throw new UsageError(
    `say who acts, with --by NAME: it is journalled, and the system's user ${user.name ?? user.uid} is no person`,
  )
}

function systemUser(): SystemUser {
  const sudoUser = process.env['SUDO_USER']
  try {
    const { uid, username: name } = userInfo()
    return { uid, name, sudoUser }
  } catch {
    return { uid: process.getuid?.() ?? 0, name: undefined, sudoUser }
  }
}

/** Why something is done: it will be read years later. */
export function reasonOf(request: Request): string {
  const reason = text(request, 'reason')?.trim()
  if (!reason) throw new UsageError('say why: --reason TEXT')
  return reason
}
