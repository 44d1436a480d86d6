import type { Language, LinePolicy } from '../../core/policy.js'
import { languages } from '../../languages/languages.js'
import { promptsOf, speaks } from '../../prompts/contradictions.js'
import { unfinishedDrafts } from '../draft-rows.js'
import { shownLine } from '../drafts/shown-line.js'
import { listLines } from '../line-rows.js'
import type { CompanyDeps } from './company.js'
import { bestVoice, type OldName, promptsWithOldName } from './name-company.js'

/** Most drafts whose prompts are searched for the company's name. */
const MAX_DRAFTS = 200

/**
 * Lists the prompts of lines in force that name another company than the present one. Lines with a company name of
 * their own are left out. Empty while the company has no name.
 */
export const heardOldNames = async (deps: CompanyDeps): Promise<OldName[]> =>
  oldNamesOn(deps, await listLines(deps.db))

/** Lists them for lines in force and drafts, because drafts cannot come into force with another name. */
async function oldNamesWithDrafts(deps: CompanyDeps): Promise<OldName[]> {
  const lines = await listLines(deps.db)
  for (const draft of await unfinishedDrafts(deps.db, MAX_DRAFTS)) lines.push(await shownLine(deps.db, draft))
  return oldNamesOn(deps, lines)
}

async function oldNamesOn(deps: CompanyDeps, all: readonly LinePolicy[]): Promise<OldName[]> {
  const lines = all.filter(({ company }) => company === undefined)
  const found: OldName[] = []
  for (const language of languages()) {
    const speaking = lines.filter(line => speaks(line, language))
    if (speaking.length === 0) continue
    const heard = new Set(speaking.flatMap(line => promptsOf(line).map(({ name }) => name)))
    found.push(...(await promptsWithOldName(deps, language)).filter(({ name }) => heard.has(name)))
  }
  return found
}

/** The prompts of a language that must be made again with the company's name. */
export interface NamesToSpeak {
  language: Language
  /**
   * The best voice of the language, as `ENGINE/VOICE`. Undefined: no voice is installed, so a person must record them.
   */
  voice: string | undefined
  old: OldName[]
}

/**
 * Lists the prompts that must be made again with the company's name. In the language of most callers, all prompts with
 * another name count; in other languages, those that lines in force and drafts use.
 */
async function oldNamesToSpeak(deps: CompanyDeps, most: Language): Promise<OldName[]> {
  const heard = await oldNamesWithDrafts(deps)
  return [...(await promptsWithOldName(deps, most)), ...heard.filter(({ language }) => language !== most)]
}

/** True if all prompts have the company's name. @param most the language of most callers */
export const areNamesSpoken = async (deps: CompanyDeps, most: Language): Promise<boolean> =>
  (await oldNamesToSpeak(deps, most)).length === 0

/**
 * Lists the prompts that must be made again with the company's name, by language. Languages without any are left out.
 *
 * @param most the language of most callers, which comes first
 */
export async function namesToSpeak(
  deps: CompanyDeps & Parameters<typeof bestVoice>[0],
  most: Language,
): Promise<NamesToSpeak[]> {
  const all = await oldNamesToSpeak(deps, most)
  const found: NamesToSpeak[] = []
  for (const language of [most, ...languages().filter(one => one !== most)]) {
    const old = all.filter(one => one.language === language)
    if (old.length > 0) found.push({ language, voice: await bestVoice(deps, language), old })
  }
  return found
}
