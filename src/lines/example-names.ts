import { messageOf } from '../core/message.js'
import type { Db } from '../db/database.js'
import { trialSetting } from '../db/installation.js'
import type { PromptFault } from '../prompts/contradictions.js'
import { exampleCompanies, exampleCompanyFaults } from '../prompts/example-company.js'
import { type ManifestEntry, readManifest, shippedPromptFolder } from '../prompts/manifest.js'
import type { Line } from './validate.js'

/** Advice about prompts that name the example company. */
export const EXAMPLE_ADVICE = messageOf(
  "Name the company and have its prompts spoken on the console's page /setup/company, or say that this installation is a trial there or by consentry company --trial.",
)

/**
 * Finds the prompts from which callers of a line would hear the company of the shipped prompts, an example. In a trial they may.
 *
 * @param known the prompts that callers would hear
 * @throws AppError as `readManifest`; `db.unavailable`
 */
export async function exampleNames(
  db: Db,
  line: Line,
  known: readonly ManifestEntry[],
): Promise<PromptFault[]> {
  if (await trialSetting(db)) return []
  return exampleCompanyFaults(line, known, exampleCompanies(await readManifest(shippedPromptFolder())))
}
