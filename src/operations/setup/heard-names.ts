import { languages } from '../../languages/languages.js'
import { listLines } from '../../policy/line-rows.js'
import { promptsOf, speaks } from '../../prompts/contradictions.js'
import type { CompanyDeps } from './company.js'
import { type OldName, promptsWithOldName } from './name-company.js'

/**
 * Lists the prompts from which callers of lines in force hear another name than the company's. Lines that name a company of their own are
 * left out. Empty while the company has no name.
 */
export async function heardOldNames(deps: CompanyDeps): Promise<OldName[]> {
  const lines = (await listLines(deps.db)).filter(({ company }) => company === undefined)
  const found: OldName[] = []
  for (const language of languages()) {
    const speaking = lines.filter(line => speaks(line, language))
    if (speaking.length === 0) continue
    const heard = new Set(speaking.flatMap(line => promptsOf(line).map(({ name }) => name)))
    found.push(...(await promptsWithOldName(deps, language)).filter(({ name }) => heard.has(name)))
  }
  return found
}
