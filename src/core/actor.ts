/** The way of access: the command, a program with a token of the API, or a signed-in person on the console. */
export type ActorWay = 'command' | 'token' | 'console'

/** The roles that an administrator gives. docs/commands.md describes each. */
export const ROLES = ['administrator', 'supervisor', 'auditor', 'privacy-officer', 'operator'] as const
export type Role = (typeof ROLES)[number]

/**
 * The permissions of an actor. `superuser`: everything. Users of the command can read the settings and the keys anyway.
 */
export type ActorRole = 'superuser' | Role

/** The acting person or program. The deeds of each room take one, and the journal names it. */
export interface Actor {
  /** The name for the journal. */
  name: string
  way: ActorWay
  roles: readonly ActorRole[]
}

/** A person or program that took part in a change. */
export interface Changer {
  by: string
  way: ActorWay
}

/** Root's user id. The service does not run as root, so root is a person. */
const ROOT = 0
/** The lowest user id of a person (`UID_MIN` of login.defs). Lower ids belong to services. */
const FIRST_PERSON = 1_000
/** Users that are not persons, whatever their ids. The image runs as `node`, which has the id of a person. */
const NO_PEOPLE = ['nobody', 'consentry', 'node']
/** The form of a user's name. A name of this form cannot be mistaken for other words in the journal. */
const USER_NAME = /^[A-Za-z_][\w.@-]{0,63}$/

/** The system user of a process. */
export interface SystemUser {
  uid: number
  /** Undefined for a user id without a name, which is usual in containers. */
  name: string | undefined
  /** The user who ran `sudo` (`SUDO_USER`). */
  sudoUser: string | undefined
}

/** Finds the person who runs a process, directly or by `sudo`. @returns undefined if the user is not a person */
export function personBehind({ uid, name, sudoUser }: SystemUser): string | undefined {
  const own = uid >= FIRST_PERSON || uid === ROOT ? name : undefined
  // For root by `sudo`, the person who ran `sudo` comes first.
  const names = uid === ROOT ? [sudoUser, own] : [own, sudoUser]
  return names.find(one => one !== undefined && USER_NAME.test(one) && !NO_PEOPLE.includes(one))
}
