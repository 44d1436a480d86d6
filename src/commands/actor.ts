import { userInfo } from 'node:os'
import { type Request, text, UsageError } from './command.js'

/** The option of every verb that leaves a trace of who asked for it. */
export const byOption = { by: { type: 'string' } } as const

/** Root's number. A service does not run as root, so root is somebody who has the machine's password. */
const ROOT = 0
/** People's numbers begin here (`UID_MIN` of login.defs); the users of services lie below. */
const FIRST_PERSON = 1_000
/** Users that are no people, whatever their numbers. */
const NO_PEOPLE = ['nobody', 'consentry']
/** What may be a user's name: nothing that could pass for other words in the journal. */
const USER_NAME = /^[A-Za-z_][\w.@-]{0,63}$/

/** As whom a process runs. */
export interface SystemUser {
  uid: number
  /** Undefined for a number that no name belongs to, as containers have. */
  name: string | undefined
  /** Who became this user by `sudo`, as it says itself. */
  sudoUser: string | undefined
}

/**
 * Who acts: whom `--by` names, else the person who runs this or became its user by `sudo`.
 *
 * @throws UsageError where the system's user is no person and nobody is named
 */
export function actor(request: Request, user = systemUser()): string {
  const named = text(request, 'by')?.trim()
  if (named) return named
  const own = user.uid >= FIRST_PERSON || user.uid === ROOT ? user.name : undefined
  // By `sudo` a person becomes root, who then stands for that person.
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
