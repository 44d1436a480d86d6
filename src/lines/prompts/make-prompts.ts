import { requireRight } from '../../accounts/deeds.js'
import type { DepsWith } from '../../accounts/deps.js'
import type { Config } from '../../config/config.js'
import type { Actor } from '../../core/actor.js'
import { AppError } from '../../core/errors.js'
import { event } from '../../core/events.js'
import { type Message, text } from '../../core/message.js'
import type { PromptMaking } from '../../core/policy.js'
import { takeTurn } from '../../db/locks.js'
import { appendIn } from '../../journal/write/append-in.js'
import { type Master, makeMaster } from '../../prompts/intake/make-master.js'
import { listVoices, speak, speechEngines, type Voice } from '../../prompts/speech/engines.js'
import { insertPrompt, selectPrompts } from '../../prompts/stored-prompts.js'
import {
  lengthDiffers,
  type RenderedWords,
  renderWords,
  type Says,
  type WordValues,
} from '../../prompts/words/variables.js'
import { withChanger } from '../approval.js'
import { readCompany } from './company.js'
import { allVersions, checkKey, type PromptKey, type PromptVersion } from './find-prompts.js'
import { lineToSay, usualValues, valuesOfLine } from './values-of-lines.js'
import { wordsToBegin } from './words-to-begin.js'

export { MAX_UPLOAD_BYTES } from '../../prompts/intake/decode.js'
export { lengthDiffers, saysNoCompany, type WordValues } from '../../prompts/words/variables.js'

/** What making prompts needs. */
export type MakePromptDeps = DepsWith<
  'db' | 'clock',
  'ffmpeg' | 'speechUrl' | 'insideHosts' | 'operator' | 'lineApproval'
>

/** Promises of the words to callers, besides the variables. */
export type Promises = Pick<Says, 'mode' | 'onWithdraw' | 'onRefused' | 'answer'>

/** The words of a new version. */
export interface WordsRequest {
  name: string
  language: string
  /** Words with variables; those of the version in force by default. */
  template?: string
  /** The version whose words and values are the default; by default the one in force. */
  of?: number
  /** A prompt in the same language whose words, values and promises are the default of a name that has no version yet. */
  like?: string
  /**
   * A line or draft whose company, keys and terms fill the variables, as `lineToSay` finds it. By default the first
   * line that uses the prompt fills those without a value.
   */
  line?: string
  /** Values that override those of the line, and those of the version in force. */
  values?: WordValues
  /** Those of the version in force by default. */
  promises?: Promises
}

/** A request to synthesize a new version. */
export interface SayRequest extends WordsRequest {
  engine?: string
  voice?: string
}

/** A new version from a recording. */
export interface AddRequest extends WordsRequest {
  /** The recording, as received. */
  sound: Buffer
  how: Exclude<PromptMaking, 'speech'>
}

/** A new draft. */
export interface MadePrompt {
  prompt: PromptVersion
  /** Messages: what to listen for before publication. */
  warnings: Message[]
}

/** Lists the installed voices, the best of each language first. */
export const promptVoices = ({
  config,
}: {
  config: Pick<Config, 'speechUrl' | 'insideHosts'>
}): Promise<Voice[]> => listVoices(speechEngines(config.speechUrl, config.insideHosts))

/**
 * Synthesizes a prompt and saves it as a draft. Callers do not hear it before it is published.
 *
 * @throws AppError `request.invalid` for invalid words, values or voice; `not-found` for the line; `tool.*`;
 *   `journal.refused`; the errors of the database
 */
export async function sayPrompt(
  deps: MakePromptDeps,
  actor: Actor,
  request: SayRequest,
): Promise<MadePrompt> {
  requireRight(actor, 'prompt.say')
  const { key, words, template, values } = await wordsOf(deps, request)
  const { engine, voice } = request
  const { wav, by } = await speak(speechEngines(deps.config.speechUrl, deps.config.insideHosts), {
    ...{ text: words.spoken, language: key.language },
    ...(engine !== undefined && { engine }),
    ...(voice !== undefined && { voice }),
  })
  const master = await makeMaster(deps.config.ffmpeg, wav)
  const made = { how: 'speech' as const, engine: by.engine, voice: by.voice }
  return save(deps, actor, { key, words, template, values, master, made })
}

/**
 * Saves a recording of a prompt as a draft, after checking, trimming and levelling it to the loudness of the others.
 *
 * @throws AppError `request.invalid`, which says what to do; `not-found` for the line; `tool.*`; `journal.refused`; the
 *   errors of the database
 */
export async function addPrompt(
  deps: MakePromptDeps,
  actor: Actor,
  request: AddRequest,
): Promise<MadePrompt> {
  requireRight(actor, 'prompt.add')
  return saveSound(deps, actor, request)
}

/** Saves a recording as `addPrompt` does. The caller has checked the actor's right. @throws AppError as `addPrompt` */
export async function saveSound(
  deps: MakePromptDeps,
  actor: Pick<Actor, 'name' | 'way'>,
  request: AddRequest,
): Promise<MadePrompt> {
  const { key, words, template, values } = await wordsOf(deps, request)
  const master = await makeMaster(deps.config.ffmpeg, request.sound)
  const made = { how: request.how, engine: null, voice: null }
  return save(deps, actor, { key, words, template, values, master, made })
}

/** A version without its number. */
interface Complete {
  key: PromptKey
  words: RenderedWords
  template: string
  values: WordValues
  master: Master
  made: { how: PromptMaking; engine: string | null; voice: string | null }
}

/** Completes the words of a new version. @throws AppError as `sayPrompt`, for the words */
export async function wordsOf(
  { db, config }: MakePromptDeps,
  request: WordsRequest,
): Promise<Omit<Complete, 'master' | 'made'>> {
  const key = checkKey(request)
  const before = await allVersions(db, key)
  const { of } = request
  const known = before.length > 0 ? before : await wordsToBegin(db, key, request.like)
  const former =
    of === undefined
      ? (known.find(({ inForce }) => inForce) ?? known[0])
      : before.find(({ version }) => version === of)
  if (of !== undefined && !former)
    throw new AppError('not-found', text`Prompt ${key.name} in ${key.language} has no version ${of}.`)
  const template = request.template ?? (former?.language === key.language ? former.template : undefined)
  if (!template)
    throw new AppError(
      'request.invalid',
      text`Say what callers hear from ${key.name}: it has no words with variables yet.`,
    )
  const line = request.line === undefined ? undefined : await lineToSay(db, request.line)
  const usual = await usualValues(db, key, former?.says ?? {})
  const company = usual.company ?? (await readCompany({ db, config })).name
  const values: WordValues = {
    ...usual,
    ...former?.variables,
    // A new version uses the company's present name, unless the line has its own.
    ...(company !== undefined && { company }),
    ...(line && valuesOfLine(line, key, former?.name)),
    ...request.values,
  }
  const words = renderWords(template, values, key.language)
  const { mode, onWithdraw, onRefused, answer } = (former?.says ?? {}) as Says
  const promised = request.promises ?? {
    ...(mode && { mode }),
    ...(onWithdraw && { onWithdraw }),
    ...(onRefused && { onRefused }),
    ...(answer && { answer }),
  }
  return { key, template, values, words: { ...words, says: { ...promised, ...words.says } } }
}

async function save(
  { db, clock }: MakePromptDeps,
  actor: Pick<Actor, 'name' | 'way'>,
  { key, words, template, values, master, made }: Complete,
): Promise<MadePrompt> {
  const at = clock.now()
  const { name, language } = key
  const { sha256, lengthMs, lufs, truePeak, wav } = master
  const version = await db.transaction().execute(async trx => {
    await takeTurn(trx, 'lines')
    const known = await allVersions(trx, key)
    const next = Math.max(0, ...known.map(one => one.version)) + 1
    // A draft that waits supplies the words of the next version, so its makers have a part in that, too.
    const [draft] = await selectPrompts(trx, { ...key, states: ['draft'] })
    const by = { by: actor.name, way: actor.way }
    await insertPrompt(trx, {
      ...{ name, language, version: next, template, variables: values, text: words.text, says: words.says },
      ...{ sha256, lengthMs, lufs, truePeak, wav, ...made, madeBy: actor.name, madeAt: new Date(at) },
      changers: withChanger(draft?.changers ?? [], by),
    })
    const voice = made.engine && made.voice ? { engine: made.engine, voice: made.voice } : {}
    const data = { prompt: name, language, version: next, sha256, text: words.text, lengthMs, how: made.how }
    await appendIn(trx, [event('prompt.saved', null, at, { ...data, ...voice, ...by })])
    return next
  })
  const prompt = (await allVersions(db, key)).find(one => one.version === version && one.how !== 'shipped')!
  return { prompt, warnings: warningsAbout(prompt) }
}

/** Lists what to listen for before a version is published, as messages. */
export const warningsAbout = ({
  text: words,
  lengthMs,
}: Pick<PromptVersion, 'text' | 'lengthMs'>): Message[] =>
  lengthDiffers(words, lengthMs)
    ? [
        text`The sound takes ${(lengthMs / 1000).toFixed(1)} s, which is unusual for these words. Listen to it: does it say what is written?`,
      ]
    : []
