import { createHash } from 'node:crypto'
import type { Actor } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { event } from '../core/events.js'
import { text } from '../core/message.js'
import type { Db } from '../db/database.js'
import { appendIn } from '../journal/write/append-in.js'
import { deedOf, type PersonActor } from './account-deps.js'
import { requireRight } from './deeds.js'
import { requireProvenRight } from './proof.js'
import { lockPeople, type UserDeps } from './users.js'

/** The longest text of rules, characters. In Cyrillic that is 50 KB, which a request's body may have. */
const LONGEST = 25_000

/** The company's rules for people who work with recordings. Times are ISO 8601, UTC. */
export interface Rules {
  /** SHA-256 of the text in UTF-8, hex. */
  version: string
  text: string
  publishedAt: string
  publishedBy: string
}

/** The rules in force. Undefined: none are published yet. */
export async function currentRules({ db }: { db: Db }): Promise<Rules | undefined> {
  const row = await db.selectFrom('rules').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirst()
  return (
    row && {
      ...{ version: row.version, text: row.text },
      ...{ publishedAt: row.published_at.toISOString(), publishedBy: row.published_by },
    }
  )
}

/**
 * Puts rules into force. Each person must acknowledge the new text, even after acknowledging an earlier one.
 *
 * @param seen the version that the actor has seen in force; empty: no rules were in force. Undefined: not checked
 * @returns the version
 * @throws AppError `proof.required`; `request.invalid` for an empty or too long text, and for the one in force; `request.conflict` if
 *   others are in force than the actor has seen; `journal.refused`; the errors of the database
 */
export async function publishRules(
  deps: UserDeps,
  actor: Actor,
  rules: string,
  seen?: string,
): Promise<string> {
  await requireProvenRight(deps, actor, 'rules.publish')
  if (rules.trim() === '') throw new AppError('request.invalid', 'Rules have a text: write it.')
  if (rules.length > LONGEST)
    throw new AppError(
      'request.invalid',
      text`Rules have at most ${LONGEST} characters: this text has ${rules.length}.`,
    )
  const version = createHash('sha256').update(rules).digest('hex')
  const at = deps.clock.now()
  await deps.db.transaction().execute(async trx => {
    await lockPeople(trx)
    const inForce = await currentRules({ db: trx })
    if (inForce?.version === version)
      throw new AppError('request.invalid', 'These rules are in force already.')
    if (seen !== undefined && seen !== (inForce?.version ?? ''))
      throw new AppError(
        'request.conflict',
        'Somebody has published other rules meanwhile. Read those before you replace them.',
      )
    const row = { version, text: rules, published_at: new Date(at), published_by: actor.name }
    await trx.insertInto('rules').values(row).execute()
    await appendIn(trx, [event('rules.published', null, at, { version, ...deedOf(actor) })])
  })
  return version
}

/**
 * Stores that a person acknowledges the rules.
 *
 * @param version of the rules that the person has seen
 * @throws AppError `request.invalid` if others are in force; `journal.refused`; the errors of the database
 */
export async function acknowledgeRules(
  { db, clock }: UserDeps,
  actor: Omit<PersonActor, 'session'>,
  version: string,
): Promise<void> {
  requireRight(actor, 'rules.acknowledge')
  const { user, name } = actor
  const at = clock.now()
  await db.transaction().execute(async trx => {
    if ((await currentRules({ db: trx }))?.version !== version)
      throw new AppError('request.invalid', 'Other rules are in force now: read those.')
    const added = await trx
      .insertInto('rules_acknowledged')
      .values({ user_id: user, version, acknowledged_at: new Date(at) })
      .onConflict(conflict => conflict.doNothing())
      .returning('user_id')
      .executeTakeFirst()
    if (added) await appendIn(trx, [event('rules.acknowledged', null, at, { version, user, name })])
  })
}

/** When a person acknowledged a version of the rules, ISO 8601. Null: not yet. */
export async function acknowledgedAt(
  { db }: { db: Db },
  { user }: Pick<PersonActor, 'user'>,
  version: string,
): Promise<string | null> {
  const row = await db
    .selectFrom('rules_acknowledged')
    .select('acknowledged_at')
    .where('user_id', '=', user)
    .where('version', '=', version)
    .executeTakeFirst()
  return row?.acknowledged_at.toISOString() ?? null
}

/** One version of the rules, with how many people have acknowledged it. */
export interface RulesVersion extends Rules {
  acknowledged: number
  inForce: boolean
}

/** Lists all versions of the rules, the latest first. A text that came into force twice is listed twice. */
export async function listRules({ db }: { db: Db }): Promise<RulesVersion[]> {
  const rows = await db
    .selectFrom('rules as r')
    .selectAll()
    .select(({ selectFrom }) =>
      selectFrom('rules_acknowledged as a')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .whereRef('a.version', '=', 'r.version')
        .as('acknowledged'),
    )
    .orderBy('id', 'desc')
    .execute()
  return rows.map(({ version, text, published_at, published_by, acknowledged }, i) => ({
    ...{ version, text, publishedAt: published_at.toISOString(), publishedBy: published_by },
    ...{ acknowledged: acknowledged ?? 0, inForce: i === 0 },
  }))
}

/** The rules in force, and a person's acknowledgement of them. */
export interface OwnRules {
  /** Undefined: none are published yet. */
  rules: Rules | undefined
  /** When the person acknowledged them, ISO 8601, UTC. Null: not yet. */
  acknowledgedAt: string | null
}

/** The rules in force, and when a person acknowledged them. */
export async function ownRules(deps: { db: Db }, person: Pick<PersonActor, 'user'>): Promise<OwnRules> {
  const rules = await currentRules(deps)
  return { rules, acknowledgedAt: rules ? await acknowledgedAt(deps, person, rules.version) : null }
}

/** True if rules are in force that a person has not acknowledged. */
export async function awaitsRules({ db }: { db: Db }, { user }: Pick<PersonActor, 'user'>): Promise<boolean> {
  const row = await db
    .with('present', query => query.selectFrom('rules').select('version').orderBy('id', 'desc').limit(1))
    .selectFrom('present')
    .leftJoin('rules_acknowledged as a', join =>
      join.onRef('a.version', '=', 'present.version').on('a.user_id', '=', user),
    )
    .select('a.user_id')
    .executeTakeFirst()
  return row !== undefined && row.user_id === null
}
