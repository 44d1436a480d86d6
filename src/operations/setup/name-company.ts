import type { Actor } from '../../shared/actor.js'
import { AppError } from '../../shared/errors.js'
import type { Language } from '../../shared/policy.js'
import { listPrompts } from '../prompts/find-prompts.js'
import { type MakePromptDeps, promptVoices, sayPrompt, type WordValues } from '../prompts/make-prompts.js'
import { makeSeveral } from '../prompts/make-several.js'
import { publishPrompt } from '../prompts/publish-prompts.js'
import { valuesSaid } from '../prompts/values-of-lines.js'
import { type CompanyDeps, readCompany } from './company.js'

/** A prompt in force whose words have the company's name, and say another one. */
export interface OldName {
  name: string
  language: Language
  /** The name that it says. Null: that of the shipped prompts, an example. */
  says: string | null
}

/** Lists the prompts of a language that say another name than the company's. Empty while the company has no name. */
export const promptsWithOldName = async (deps: CompanyDeps, language: Language): Promise<OldName[]> =>
  (await withOldName(deps, language)).map(({ name, says }) => ({ name, language, says }))

/** The same, with the values that all other variables keep, and the version in force. 0: a shipped one. */
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
 * Lets the best voice speak prompts of a language that say another name, and publishes them. Running calls keep what they began with.
 *
 * @param names those that are spoken; all by default
 * @param told called with how many are published, after each of them
 * @returns how many were published
 * @throws AppError `request.invalid` if no voice is installed; `request.conflict` if somebody has published one meanwhile; as `sayPrompt`
 *   and `publishPrompt`: those before stay published
 */
export async function nameCompany(
  deps: MakePromptDeps,
  actor: Actor,
  language: Language,
  names?: readonly string[],
  told?: (published: number) => void,
): Promise<number> {
  const voice = await voiceFor(deps, language)
  if (!voice)
    throw new AppError(
      'request.invalid',
      'No voice of this language is installed on this machine: record the prompts on their pages.',
    )
  const old = (await withOldName(deps, language)).filter(({ name }) => names?.includes(name) ?? true)
  const speak = async ({ name, values, inForce }: (typeof old)[number]) => {
    const wanted = { name, language, engine: voice.engine, voice: voice.voice, values }
    const { prompt } = await sayPrompt(deps, actor, wanted)
    await publishPrompt(deps, actor, { name, language, version: prompt.version, seen: { inForce } })
  }
  await makeSeveral(old, speak, told)
  return old.length
}
