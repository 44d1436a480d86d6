import { requireRight } from '../../accounts/deeds.js'
import type { Actor } from '../../core/actor.js'
import { AppError } from '../../core/errors.js'
import { text } from '../../core/message.js'
import type { Language, LinePolicy } from '../../core/policy.js'
import type { Db } from '../../db/database.js'
import { promptsOf, speaks } from '../../prompts/contradictions.js'
import { listLines } from '../line-rows.js'
import { allVersions, type PromptKey, type PromptVersion } from './find-prompts.js'
import { type MakePromptDeps, promptVoices, sayPrompt } from './make-prompts.js'
import { makeSeveral } from './make-several.js'
import { openPromptProposals, publishOrPropose } from './propose-prompt.js'
import { lineToSay } from './values-of-lines.js'

/** A prompt that callers of a line hear, in one of its languages. */
export interface LinePrompt extends PromptKey {
  /** The version in force, else the newest one. */
  now: PromptVersion
  /** The newest version, if it is a draft. */
  draft: PromptVersion | undefined
  /** True if the publication of the draft awaits approval. */
  waits: boolean
  /** Numbers of the other lines in force that use it, too. */
  alsoOn: string[]
}

/** The prompts of a line. */
export interface SpokenLine {
  line: LinePolicy
  /** In the order in which callers hear them, language by language. Missing prompts are left out. */
  prompts: LinePrompt[]
}

/**
 * Finds the prompts of a line.
 *
 * @param wanted number or draft, as `lineToSay`
 * @throws AppError as `lineToSay`
 */
export async function promptsOfLine(db: Db, wanted: string): Promise<SpokenLine> {
  const line = await lineToSay(db, wanted)
  const all = await allVersions(db)
  const proposals = (await openPromptProposals(db)).filter(({ outdated }) => !outdated)
  const others = (await listLines(db)).filter(({ number }) => number !== line.number)
  const names = [...new Set(promptsOf(line).map(({ name }) => name))]
  const prompts = languagesOf(line).flatMap(language =>
    names.flatMap((name): LinePrompt[] => {
      const versions = all.filter(one => one.name === name && one.language === language)
      const now = versions.find(({ inForce }) => inForce) ?? versions[0]
      if (!now) return []
      const draft = versions[0]?.state === 'draft' ? versions[0] : undefined
      const waits = proposals.some(
        one => one.name === name && one.language === language && one.version === draft?.version,
      )
      return [{ name, language, now, draft, waits, alsoOn: numbersThatSay(others, { name, language }) }]
    }),
  )
  return { line, prompts }
}

const languagesOf = ({ language, languages = [] }: LinePolicy): Language[] => [
  ...new Set([language, ...languages.map(one => one.language)]),
]

const numbersThatSay = (lines: readonly LinePolicy[], { name, language }: PromptKey): string[] =>
  lines
    .filter(line => speaks(line, language) && promptsOf(line).some(heard => heard.name === name))
    .map(({ number }) => number)

/** A request to synthesize prompts of a line. */
export interface SpeakLine {
  /** Number or draft, as `lineToSay`. */
  line: string
  /** The voice of each language, as `ENGINE/VOICE`. */
  voices: Readonly<Partial<Record<Language, string>>>
  /** The prompts to synthesize; the line's others stay. */
  prompts: readonly PromptKey[]
}

/**
 * Synthesizes prompts of a line with its keys and terms, each as a draft. Callers do not hear a draft before it is
 * published.
 *
 * @param onProgress called after each prompt with the number done
 * @throws AppError `request.invalid` for a prompt that the line does not use, and for a language without a voice; as
 *   `sayPrompt`: the drafts made before stay
 */
export async function speakLine(
  deps: MakePromptDeps,
  actor: Actor,
  { line: wanted, voices, prompts: chosen }: SpeakLine,
  onProgress?: (spoken: number) => void,
): Promise<void> {
  requireRight(actor, 'prompt.say')
  const all = await requireSpeakable(deps, { line: wanted, voices, prompts: chosen })
  const speak = ({ name, language, now, voice: called = '' }: (typeof all)[number]) => {
    const [engine = '', ...voice] = called.split('/')
    const words = { name, language, template: now.template ?? now.text, line: wanted }
    return sayPrompt(deps, actor, { ...words, engine, voice: voice.join('/') })
  }
  await makeSeveral(all, speak, onProgress)
}

/**
 * Finds the prompts to synthesize, each with its voice.
 * @throws AppError `request.invalid`, as `speakLine`, and for an empty choice
 */
export async function requireSpeakable(
  deps: MakePromptDeps,
  { line, voices, prompts: chosen }: SpeakLine,
): Promise<(LinePrompt & { voice: string | undefined })[]> {
  if (chosen.length === 0) throw new AppError('request.invalid', 'Choose at least one prompt.')
  const { prompts } = await promptsOfLine(deps.db, line)
  const installed = await promptVoices(deps)
  const all = chosen.map(key => ({ ...requireOf(prompts, key), voice: voices[key.language] }))
  for (const { language, voice } of all)
    if (!installed.some(one => one.language === language && `${one.engine}/${one.voice}` === voice))
      throw new AppError('request.invalid', text`Choose a voice for the language ${language}.`)
  return all
}

/** A draft of a prompt, and the version in force that the person saw with it. */
export interface SeenDraftOfPrompt extends PromptKey {
  version: number
  /** The version in force. 0: a shipped one, or none. */
  inForce: number
}

/**
 * Publishes drafts of the prompts of a line, one after another, or proposes that where a second person approves prompts.
 *
 * @throws AppError `request.invalid` for a prompt that the line does not use; as `publishOrPropose`: those published
 *   before stay in force
 */
export async function publishSpoken(
  deps: MakePromptDeps,
  actor: Actor,
  { line, drafts }: { line: string; drafts: readonly SeenDraftOfPrompt[] },
): Promise<void> {
  requireRight(actor, 'prompt.publish')
  const { prompts } = await promptsOfLine(deps.db, line)
  for (const { inForce, version, ...key } of drafts) {
    const { name, language } = requireOf(prompts, key)
    await publishOrPropose(deps, actor, { name, language, version, seen: { state: 'draft', inForce } })
  }
}

function requireOf(prompts: readonly LinePrompt[], { name, language }: PromptKey): LinePrompt {
  const found = prompts.find(one => one.name === name && one.language === language)
  if (found) return found
  throw new AppError(
    'request.invalid',
    text`Callers of this line do not hear the prompt ${name} in ${language}.`,
  )
}
