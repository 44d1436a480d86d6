import { requireRight } from '../../accounts/deeds.js'
import type { Actor } from '../../core/actor.js'
import { AppError } from '../../core/errors.js'
import type { Language } from '../../core/policy.js'
import { isApprovalRequired } from '../approval.js'
import { type CompanyDeps, readCompany } from './company.js'
import { listPrompts } from './find-prompts.js'
import { type MakePromptDeps, promptVoices, sayPrompt, type WordValues } from './make-prompts.js'
import { makeSeveral } from './make-several.js'
import { openPromptProposals, publishOrPropose } from './propose-prompt.js'
import { valuesSaid } from './values-of-lines.js'

/** A prompt in force that names another company than the present one. */
export interface OldName {
  name: string
  language: Language
  /** The name in the prompt. Null: the example name of the shipped prompts. */
  says: string | null
}

/** Lists the prompts of a language that name another company. Empty while the company has no name. */
export const promptsWithOldName = async (deps: CompanyDeps, language: Language): Promise<OldName[]> =>
  (await withOldName(deps, language)).map(({ name, says }) => ({ name, language, says }))

/** Lists them with the values of all other variables and the version in force. 0: a shipped one. */
async function withOldName(
  deps: CompanyDeps,
  language: Language,
): Promise<(OldName & { values: WordValues; inForce: number })[]> {
  const { name: company } = await readCompany(deps)
  if (company === undefined) return []
  return (await listPrompts(deps))
    .filter(prompt => prompt.inForce && prompt.language === language)
    .filter(({ template, variables }) => template?.includes('{company}') && variables['company'] !== company)
    .map(({ name, version, how, variables, says }) => {
      const { company: said, ...others } = variables
      const values = { ...valuesSaid(says), ...others, company }
      const inForce = how === 'shipped' ? 0 : version
      return { name, language, says: typeof said === 'string' ? said : null, values, inForce }
    })
}

/** The best voice of a language that is installed, as `ENGINE/VOICE`. */
export async function bestVoice(
  deps: Parameters<typeof promptVoices>[0],
  language: Language,
): Promise<string | undefined> {
  const voice = await voiceFor(deps, language)
  return voice && `${voice.engine}/${voice.voice}`
}

const voiceFor = async (deps: Parameters<typeof promptVoices>[0], language: Language) =>
  (await promptVoices(deps)).find(one => one.language === language)

/**
 * Synthesizes prompts of a language that name another company with the best voice, and publishes them. Running calls
 * keep the prompts with which they began. Where a second person approves prompts, it proposes them, unless something is
 * proposed for the prompt already.
 *
 * @param names the prompts to synthesize; all by default
 * @param onProgress called after each prompt with the number done
 * @returns how many were published or proposed
 * @throws AppError `request.invalid` if no voice is installed; `request.conflict` if another person has published one
 *   meanwhile; as `sayPrompt` and `publishOrPropose`: those before stay published
 */
export async function nameCompany(
  deps: MakePromptDeps,
  actor: Actor,
  language: Language,
  names?: readonly string[],
  onProgress?: (published: number) => void,
): Promise<number> {
  requireRight(actor, 'company.speak')
  const voice = await voiceFor(deps, language)
  if (!voice)
    throw new AppError(
      'request.invalid',
      'No voice of this language is installed on this machine: record the prompts on their pages.',
    )
  const waiting = isApprovalRequired(deps.config) ? await openPromptProposals(deps.db) : []
  const old = (await withOldName(deps, language))
    .filter(({ name }) => names?.includes(name) ?? true)
    .filter(
      ({ name }) => !waiting.some(one => one.name === name && one.language === language && !one.outdated),
    )
  const speak = async ({ name, values, inForce }: (typeof old)[number]) => {
    const wanted = { name, language, engine: voice.engine, voice: voice.voice, values }
    const { prompt } = await sayPrompt(deps, actor, wanted)
    await publishOrPropose(deps, actor, { name, language, version: prompt.version, seen: { inForce } })
  }
  await makeSeveral(old, speak, onProgress)
  return old.length
}
