import { sql } from '../../db/database.js'
import { type LinePolicy, recordedPurposes } from '../../shared/policy.js'
import { listLines } from '../lines/change-lines.js'
import { type CompanyDeps, readCompany } from './company.js'
import { heardOldNames } from './heard-names.js'
import { hearingOf, type RecipientConfig } from './recipients.js'

/** What an installation needs that a person can set up. `name`: that its callers hear the company's name, and no other one. */
export type SetupNeed = 'company' | 'name' | 'key' | 'line'

/** For how many of the purposes of lines in force a caller who agrees can be recorded, as far as lines and keys go. */
export type Recordable = 'all' | 'some' | 'none'

/** The needs that are met, and what can be recorded. @throws AppError `config.invalid`, `db.unavailable` */
export async function setupProgress(
  deps: CompanyDeps & { config: RecipientConfig },
): Promise<Record<SetupNeed, boolean> & { recordable: Recordable }> {
  // One after the other: a page that is looked at rarely takes no connections from others.
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

/** Whether a phone that was rung for a trial was ever answered. @throws AppError `db.unavailable` */
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
