import { isIP } from 'node:net'
import { z } from 'zod'
import { HEARD_LANGUAGES, type HeardLanguage } from '../../core/policy.js'
import {
  type HearingTerms,
  type RtpSource,
  SPEECH_ENGINES,
  SPOKEN_REASONS,
  type SpeechEngine,
  type SpokenAnswer,
  type SpokenSound,
} from '../../core/speech.js'
import { SHERPA_KINDS } from '../../core/speech-engines.js'
import type { WantedEngine } from '../engines.js'
import type { SpeechSettings } from '../settings.js'

/*
 * The messages between service and speech process, on the channel that Node gives a child process. Audio is among them only with a yes
 * that the line keeps. All other audio goes from the PBX to the speech process, and stays there.
 */

/** State of one engine for one language. */
export interface EngineState {
  engine: SpeechEngine
  /** Null: the engine cannot be loaded, so it hears no language. */
  language: HeardLanguage | null
  /** Why it cannot hear the language now, for people; null if it can. */
  trouble: string | null
}

/** Why a question is not heard. */
export const REFUSALS = ['speech.unavailable', 'speech.not-set-up', 'speech.busy'] as const
export type Refusal = (typeof REFUSALS)[number]

export type FromService =
  /** The first message. */
  | { t: 'start'; settings: SpeechSettings; wanted: WantedEngine[] }
  /** Engines that are needed from now on. */
  | { t: 'want'; wanted: WantedEngine[] }
  | { t: 'ping'; count: number }
  | { t: 'open'; question: number; terms: HearingTerms }
  | { t: 'announce'; question: number; source: RtpSource }
  | { t: 'prompt-ended'; question: number }
  | { t: 'close'; question: number }

export type FromSpeech =
  /** All engines have been tried. */
  | { t: 'ready' }
  | { t: 'engines'; engines: EngineState[] }
  /** Sent when the process has received a packet that it sent to itself. */
  | { t: 'pong'; count: number }
  | { t: 'opened'; question: number; port: number }
  | { t: 'refused'; question: number; code: Refusal; reason: string }
  /** The caller has begun to speak. `heard` or `failed` follows. */
  | { t: 'speaking'; question: number }
  /** `sound`: of a yes, as `writeSound` writes it, if the question wants it. */
  | { t: 'heard'; question: number; answer: SpokenAnswer; sound?: string }
  | { t: 'failed'; question: number; reason: string }

/** A message does not fit this protocol. Its content is not shown. */
export class SpeechProtocolError extends Error {
  override readonly name = 'SpeechProtocolError'
}

/** Most characters of an engine's explanation for people. */
const MOST_REASON = 500
/** Most characters of recognised words. The engines give half of it at most. */
const MOST_TEXT = 2_000

/** Most characters of a sound: 5 s. The longest utterance has 2.5 s, and the sound extends a little beyond it. */
const MOST_SOUND = (5 * 16_000 * 4) / 3

const count = z.int().min(0)
const port = z.int().min(1).max(65_535)
const address = z.string().refine(text => isIP(text) > 0)
const score = z.number().min(0).max(1)
const reason = z.string().max(MOST_REASON)
const ms = z.number().min(0)
const engine = z.enum(SPEECH_ENGINES)
const language = z.enum(HEARD_LANGUAGES)
const wanted = z.array(z.object({ engine, language }))
const terms = z.object({ language, engine, threshold: score, keepYes: z.literal(true).optional() })
const byLanguage = <T extends z.ZodType>(value: T) => z.partialRecord(language, value)
const folder = z.string().startsWith('/')
const settings = z.object({
  host: address,
  streams: z.int().min(1),
  root: folder,
  vosk: byLanguage(z.url()),
  insideHosts: z.array(z.string()).optional(),
  sherpa: byLanguage(z.object({ kind: z.enum(SHERPA_KINDS), folder })),
})
const answer = z.object({
  heard: z.enum(['yes', 'no', 'weak', 'unclear']),
  engine,
  model: reason,
  terms,
  words: z.string().max(MOST_TEXT).optional(),
  scores: z.record(z.string().max(40), score),
  needed: score.optional(),
  reason: z.enum(SPOKEN_REASONS).optional(),
  beganMs: ms,
  endedMs: ms,
  decidedMs: ms,
})
const question = count

const fromService = z.discriminatedUnion('t', [
  z.object({ t: z.literal('start'), settings, wanted }),
  z.object({ t: z.literal('want'), wanted }),
  z.object({ t: z.literal('ping'), count }),
  z.object({ t: z.literal('open'), question, terms }),
  z.object({ t: z.literal('announce'), question, source: z.object({ address, port }) }),
  z.object({ t: z.literal('prompt-ended'), question }),
  z.object({ t: z.literal('close'), question }),
])
const fromSpeech = z.discriminatedUnion('t', [
  z.object({ t: z.literal('ready') }),
  z.object({
    t: z.literal('engines'),
    engines: z.array(z.object({ engine, language: language.nullable(), trouble: reason.nullable() })),
  }),
  z.object({ t: z.literal('pong'), count }),
  z.object({ t: z.literal('opened'), question, port }),
  z.object({
    t: z.literal('refused'),
    question,
    code: z.enum(REFUSALS),
    reason,
  }),
  z.object({ t: z.literal('speaking'), question }),
  z.object({ t: z.literal('heard'), question, answer, sound: z.base64().max(MOST_SOUND).optional() }),
  z.object({ t: z.literal('failed'), question, reason }),
])

const checker =
  <M>(schema: z.ZodType) =>
  /** @throws SpeechProtocolError */
  (message: unknown): M => {
    const parsed = schema.safeParse(message)
    if (!parsed.success) throw new SpeechProtocolError('a message is not one of the protocol')
    // Fields that the protocol does not have are dropped.
    return parsed.data as M
  }

export const checkFromService = checker<FromService>(fromService)
export const checkFromSpeech = checker<FromSpeech>(fromSpeech)

/** Cuts a reason to the length that the protocol allows. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, MOST_REASON)

/** Encodes a sound for a message: 16-bit samples, little-endian, in base64. */
export const writeSound = ({ buffer, byteOffset, byteLength }: SpokenSound): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')

/** The reverse of `writeSound`. */
export function readSound(text: string): SpokenSound {
  const bytes = Buffer.from(text, 'base64')
  const sound = new Int16Array(bytes.length >> 1)
  new Uint8Array(sound.buffer).set(bytes.subarray(0, sound.byteLength))
  return sound
}
