import { sql } from '../../db/database.js'
import { listLines } from '../lines/change-lines.js'
import { type CompanyDeps, readCompany } from './company.js'
import { heardOldNames } from './heard-names.js'
import { hearingOf, type RecipientConfig } from './recipients.js'

/** What an installation needs that a person can set up. `name`: that its callers hear the company's name, and no other one. */
export type SetupNeed = 'company' | 'name' | 'key' | 'line'

/** The needs that are met. @throws AppError `config.invalid`, `db.unavailable` */
export async function setupProgress(
  deps: CompanyDeps & { config: RecipientConfig },
): Promise<Record<SetupNeed, boolean>> {
  // One after the other: a page that is looked at rarely takes no connections from others.
  const { name } = await readCompany(deps)
  const lines = await listLines(deps)
  const { purposes } = hearingOf(lines, deps.config)
  return {
    company: name !== undefined,
    name: (await heardOldNames(deps)).length === 0,
    key: purposes.every(({ keys }) => keys.length > 0),
    line: lines.length > 0,
  }
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
