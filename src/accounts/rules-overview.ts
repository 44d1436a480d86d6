import type { Db } from '../db/database.js'
import type { PersonActor } from './account-deps.js'
import { acknowledgedAt, currentRules, type Rules } from './rules.js'

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
