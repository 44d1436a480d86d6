import { requireRight } from '../accounts/deeds.js'
import type { Deps } from '../accounts/deps.js'
import type { Actor } from '../core/actor.js'
import { event } from '../core/events.js'
import { type LinePolicy, recordedPurposes } from '../core/policy.js'
import { type Db, sql } from '../db/database.js'
import { setTrial, trialSetting } from '../db/installation.js'
import { appendIn } from '../journal/write/append-in.js'
import { listLines } from '../lines/change-lines.js'
import { type CompanyDeps, readCompany } from '../lines/prompts/company.js'
import { heardOldNames } from '../lines/prompts/heard-names.js'
import { hearingOf, type RecipientConfig } from './recipients.js'

/** The tasks that an installation leaves to a person. `name`: all prompts of its callers have the company's name. */
export type SetupNeed = 'company' | 'name' | 'key' | 'line'

/** Whether recordings are possible for all, some or none of the purposes of lines in force, by lines and keys alone. */
export type Recordable = 'all' | 'some' | 'none'

/** Reads the needs that are met, and the recordable purposes. @throws AppError `config.invalid`, `db.unavailable` */
export async function setupProgress(
  deps: CompanyDeps & { config: RecipientConfig },
): Promise<Record<SetupNeed, boolean> & { recordable: Recordable }> {
  // Queries run one after another: this page is opened rarely and leaves the connections to others.
  const { name } = await readCompany(deps)
  const lines = await listLines(deps)
  const { purposes } = hearingOf(lines, deps.config)
  return {
    company: name !== undefined,
    name: (await heardOldNames(deps)).length === 0,
    key: purposes.every(({ keys }) => keys.length > 0),
    line: lines.length > 0,
    recordable: recordableOn(lines, deps.config),
  }
}

function recordableOn(lines: readonly LinePolicy[], config: RecipientConfig): Recordable {
  const wanted = new Set(lines.flatMap(recordedPurposes))
  const { purposes } = hearingOf(lines, config)
  const opened = purposes.filter(({ purpose, keys }) => wanted.has(purpose) && keys.length > 0).length
  if (opened === 0) return 'none'
  return opened === wanted.size ? 'all' : 'some'
}

/** True if a phone that was rung for a trial was ever answered. @throws AppError `db.unavailable` */
export async function hasPhoneRung({ db }: Pick<CompanyDeps, 'db'>): Promise<boolean> {
  const answered = await db
    .selectFrom('event')
    .select('id')
    .where('type', '=', 'trial.ended')
    .where(sql<boolean>`data -> 'answered' = 'true'::jsonb`)
    .limit(1)
    .executeTakeFirst()
  return answered !== undefined
}

/** True for a trial installation: only there may lines whose prompts name the example company come into force. */
export const isTrial = ({ db }: { db: Db }): Promise<boolean> => trialSetting(db)

/** Sets whether the installation is a trial. @throws AppError `journal.refused`; the errors of the database */
export async function changeTrial(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  actor: Actor,
  trial: boolean,
): Promise<void> {
  requireRight(actor, 'company.trial')
  const { name: by, way } = actor
  await db.transaction().execute(async trx => {
    if ((await trialSetting(trx, 'to change')) === trial) return
    await setTrial(trx, trial)
    await appendIn(trx, [event('company.trial-changed', null, clock.now(), { trial, by, way })])
  })
}
