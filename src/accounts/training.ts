import { randomUUID } from 'node:crypto'
import type { Actor } from '../core/actor.js'
import { dayOf } from '../core/clock.js'
import { AppError } from '../core/errors.js'
import { event } from '../core/events.js'
import { text } from '../core/message.js'
import { WRITABLE_TEXT } from '../core/texts.js'
import type { Db } from '../db/database.js'
import { appendIn } from '../journal/write/append-in.js'
import { deedOf, type PersonActor, userOf } from './account-deps.js'
import { requireRight } from './deeds.js'
import { acknowledgedAt, currentRules } from './rules.js'
import { findUser, type UserDeps } from './users.js'

/** Oldest accepted training, years ago. An older day is a typing error. */
const LONGEST_AGO_YEARS = 10

/** The longest description of a training, characters. */
const LONGEST = 500

/** A training that a person has had. */
export interface Training {
  what: string
  /** The day, `YYYY-MM-DD`. */
  on: string
}

const isDay = (text: string): boolean => {
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && dayOf(day.getTime()) === text
}

/**
 * Records that a user was trained.
 *
 * @throws AppError `not-found`; `request.invalid` without a description that can be stored, or for a day to come or long ago;
 *   `journal.refused`; the errors of the database
 */
export async function recordTraining(
  { db, clock }: UserDeps,
  actor: Actor,
  name: string,
  { what, on }: Training,
): Promise<void> {
  requireRight(actor, 'training.record')
  const at = clock.now()
  if (what.trim() === '' || what.length > LONGEST || !WRITABLE_TEXT.test(what))
    throw new AppError(
      'request.invalid',
      text`Say which training, in at most ${LONGEST} characters, without control characters.`,
    )
  if (!isDay(on))
    throw new AppError('request.invalid', 'The day of the training is malformed: give a day of the calendar.')
  if (on > dayOf(at)) throw new AppError('request.invalid', 'The day of the training is yet to come.')
  if (on < `${Number(dayOf(at).slice(0, 4)) - LONGEST_AGO_YEARS}${dayOf(at).slice(4)}`)
    throw new AppError(
      'request.invalid',
      text`The day of the training is more than ${LONGEST_AGO_YEARS} years ago: check the year.`,
    )
  await db.transaction().execute(async trx => {
    const { id } = await findUser(trx, name)
    const recorded = { recorded_at: new Date(at), recorded_by: actor.name }
    const row = { id: randomUUID(), user_id: id, what, held_on: on, ...recorded }
    await trx.insertInto('user_training').values(row).execute()
    const data = { user: id, name, ...deedOf(actor), what, on }
    await appendIn(trx, [event('training.recorded', null, at, data)])
  })
}

/** Permission to hear recordings. `reason`: what to do first. */
export type Hearing = { may: true } | { may: false; reason: string }

/** Decides whether a person may hear recordings: the rules in force must be acknowledged, and a training recorded. */
export async function mayHear({ db }: { db: Db }, person: Pick<PersonActor, 'user'>): Promise<Hearing> {
  const rules = await currentRules({ db })
  if (!rules) return no('No rules are published yet: an administrator publishes them.')
  if (!(await acknowledgedAt({ db }, person, rules.version)))
    return no('Read the rules in force and acknowledge them first.')
  const trained = await db
    .selectFrom('user_training')
    .select('id')
    .where('user_id', '=', person.user)
    .limit(1)
    .executeTakeFirst()
  return trained ? { may: true } : no('No training is recorded for you: an administrator records it.')
}

/**
 * Requires permission to hear recordings. The command is exempt: its user holds the keys and has no account.
 *
 * @throws AppError `hearing.refused`, which says what to do first. A program cannot acknowledge rules, so it is always
 *   refused
 */
export async function requireHearing(deps: { db: Db }, actor: Actor): Promise<void> {
  if (actor.way === 'command') return
  const user = userOf(actor)
  const hearing =
    user === undefined ? no('Only people hear recordings: sign in.') : await mayHear(deps, { user })
  if (!hearing.may)
    throw new AppError('hearing.refused', text`You may not hear recordings yet. ${hearing.reason}`)
}

const no = (reason: string): Hearing => ({ may: false, reason })
