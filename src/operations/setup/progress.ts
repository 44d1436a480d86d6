import { listLines } from '../lines/change-lines.js'
import { type CompanyDeps, readCompany } from './company.js'
import { readHearing } from './recipients.js'

/** What an installation needs that a person can set up. */
export type SetupNeed = 'company' | 'key' | 'line'

/** The needs that are met. @throws AppError `config.invalid`, `db.unavailable` */
export async function setupProgress(
  deps: CompanyDeps & Parameters<typeof readHearing>[0],
): Promise<Record<SetupNeed, boolean>> {
  const [{ name }, { purposes }, lines] = await Promise.all([
    readCompany(deps),
    readHearing(deps),
    listLines(deps),
  ])
  return {
    company: name !== undefined,
    key: purposes.every(({ keys }) => keys.length > 0),
    line: lines.length > 0,
  }
}
