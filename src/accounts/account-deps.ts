// The people of the console: sign-in, rights, and the rules that they have acknowledged.

import type { Actor } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import type { SessionId, UserId } from '../core/ids.js'
import type { DepsWith } from './deps.js'

/** The parts that deeds on accounts need. */
export type PeopleDeps = DepsWith<'db' | 'journal' | 'clock', 'data' | 'secondFactor'>

/** What passkeys need besides: the settings that give their host. */
export type PasskeyDeps = DepsWith<
  'db' | 'journal' | 'clock',
  'data' | 'secondFactor' | 'console' | 'consoleOrigin' | 'consoleTls'
>

/** A person who has signed in. */
export interface PersonActor extends Actor {
  way: 'console'
  user: UserId
  session: SessionId
}

/** The user behind an actor. Undefined for a program and for the command. */
export const userOf = (actor: Actor): UserId | undefined => (actor as Partial<PersonActor>).user

/** The actor's fields in a journal event. */
export const deedOf = ({ name, way }: Actor) => ({ by: name, way })

export const noSuchUser = (): AppError => new AppError('not-found', 'There is no user with this name.')
