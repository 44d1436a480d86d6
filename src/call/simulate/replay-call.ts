import type { CallEvent } from '../../core/events.js'
import type { Language, LinePolicy, Purpose } from '../../core/policy.js'
import type { SpokenClass } from '../../core/speech.js'
import { type LengthOf, SimulatedCall, type SimulatedOutcome } from './simulated-call.js'

export type { SimulatedOutcome } from './simulated-call.js'

/**
 * The meaning of a caller's deed. Keys are those of the replayed line, because its callers hear these. Speech is what
 * the engine heard originally.
 */
export type Deed = 'yes' | 'no' | 'wrong-key' | 'hang-up' | 'begin-to-speak' | Choice | Speech

/** The caller chose a language by its key. Null: by a key without a language. */
interface Choice {
  choose: Language | null
}

/** The caller spoke. A line without hearing ignores it. */
interface Speech {
  say: SpokenClass
}

/** A prompt of a call: the first offer of a language, the disclosure, or one of the questions. */
export type MetPrompt = { purpose: null; offer?: true } | { purpose: Purpose; attempt: number }

/** A deed of a caller, timed from the beginning of a prompt. */
export interface ScriptedDeed {
  prompt: MetPrompt
  /** From the beginning of that prompt, ms. */
  afterMs: number
  deed: Deed
}

/** An event of a call, as the journal has it. */
export type JournalledEvent = {
  [E in CallEvent as E['type']]: Pick<E, 'type' | 'at' | 'data'>
}[CallEvent['type']]

/** Events from which the script of a call is made. */
export const SCRIPT_EVENTS = [
  'prompt.ended',
  'call.language-chosen',
  'consent.asked',
  'consent.answered',
  'consent.key-ignored',
  'speech.unsettled',
  'call.released',
  'call.passed-through',
  'call.ended',
] as const

/** A prompt and when it began, ms since the epoch. */
interface BegunPrompt {
  prompt: MetPrompt
  at: number
  /** Place of its event. A deed that brings the next question has the same time, and stands before it. */
  place: number
}

/**
 * Makes a call's script from the journal of its first questions: the caller's deeds, each timed from the beginning of
 * its prompt. The journal does not say which key came too early; it counts as the answer that follows.
 *
 * @param events of one call, in the order of the journal
 */
export function scriptOf(events: readonly JournalledEvent[]): ScriptedDeed[] {
  const left = events.findIndex(({ type }) => type === 'call.released' || type === 'call.passed-through')
  const questions = left < 0 ? events : events.slice(0, left)
  const begun = promptsIn(questions)
  const done = questions
    .flatMap((one, place): { at: number; place: number; deed: Deed }[] => {
      const deed = deedOf(one, questions)
      if (!deed) return []
      const spokenMs = spokenBefore(one)
      const began = { at: one.at - (spokenMs ?? 0), place, deed: 'begin-to-speak' } as const
      return [...(spokenMs === undefined ? [] : [began]), { at: one.at, place, deed }]
    })
    .sort((one, other) => one.at - other.at)
  // One key may answer several purposes.
  const once = done.filter(
    ({ at, deed }, i) => done.findIndex(one => one.at === at && one.deed === deed) === i,
  )
  return once.flatMap(({ at, place, deed }): ScriptedDeed[] => {
    const last = begun.filter(one => one.at < at || (one.at === at && one.place < place)).at(-1)
    return last ? [{ prompt: last.prompt, afterMs: at - last.at, deed }] : []
  })
}

function promptsIn(events: readonly JournalledEvent[]): BegunPrompt[] {
  const offers = events.filter(one => one.type === 'prompt.ended' && one.data.role === 'language')
  const begun = events.flatMap((one, place): BegunPrompt[] => {
    if (one.type === 'consent.asked') {
      const { purpose, attempt } = one.data
      return [{ prompt: { purpose, attempt }, at: one.at, place }]
    }
    if (one.type === 'prompt.ended' && one === offers[0])
      return [{ prompt: { purpose: null, offer: true }, at: one.at - one.data.heardMs, place }]
    return one.type === 'prompt.ended' && one.data.role === 'disclosure'
      ? [{ prompt: { purpose: null }, at: one.at - one.data.heardMs, place }]
      : []
  })
  return begun.sort((one, other) => one.at - other.at)
}

function deedOf(one: JournalledEvent, all: readonly JournalledEvent[]): Deed | undefined {
  switch (one.type) {
    case 'consent.answered':
      if (one.data.voice && !one.data.confirmedBy) return { say: one.data.voice.class }
      return one.data.method === 'key' || one.data.confirmedBy ? keyOf(one.data.answer) : undefined
    case 'speech.unsettled':
      return { say: one.data.voice.class }
    case 'call.language-chosen':
      if (one.data.how === 'silence') return undefined
      return { choose: one.data.how === 'key' ? one.data.language : null }
    case 'consent.key-ignored': {
      if (one.data.reason === 'wrong-key') return 'wrong-key'
      const later = all.find(other => other.type === 'consent.answered' && other.at >= one.at)
      return later?.type === 'consent.answered' ? (keyOf(later.data.answer) ?? 'wrong-key') : 'wrong-key'
    }
    case 'call.ended':
      return 'hang-up'
    default:
      return undefined
  }
}

/** How long before its decision speech had begun, ms; undefined without speech. */
function spokenBefore({ type, data }: JournalledEvent): number | undefined {
  if (type !== 'consent.answered' && type !== 'speech.unsettled') return undefined
  // The spoken yes has a separate event.
  if ('confirmedBy' in data) return undefined
  return data.voice && data.voice.decidedMs - data.voice.beganMs
}

const keyOf = (answer: string): Deed | undefined =>
  answer === 'granted' ? 'yes' : answer === 'refused' ? 'no' : undefined

/** The keys of a telephone. The first one without a meaning on a line is its wrong key. */
const KEYS = '5346780912'

/**
 * Repeats the deeds of a script on a line, at the same moments of the same prompts. A prompt that the line does not
 * play has no deeds; if it plays longer, the caller interrupts it.
 */
export function replayCall(
  policy: LinePolicy,
  lengthOf: LengthOf,
  script: readonly ScriptedDeed[],
): SimulatedOutcome {
  const call = new SimulatedCall(policy, lengthOf)
  const waiting: { at: number; deed: Deed }[] = []
  let prompts = 0
  while (!call.isOver) {
    for (; prompts < call.heard.length; prompts++) {
      const { role, from, question } = call.heard[prompts]!
      const offer = role === 'language' && call.heard[prompts - 1]?.role !== 'language'
      if (!offer && role !== 'disclosure' && role !== 'question') continue
      const met: MetPrompt = question ?? { purpose: null, ...(offer && { offer }) }
      for (const { prompt, afterMs, deed } of script)
        if (isSame(prompt, met)) waiting.push({ at: from + afterMs, deed })
      waiting.sort((one, other) => one.at - other.at)
    }
    const [next] = waiting
    if (next && next.at <= (call.nextAt ?? Number.POSITIVE_INFINITY)) {
      waiting.shift()
      call.advanceTo(next.at)
      // The prompt may have ended at this moment, and the call with it.
      if (!call.isOver) act(call, next.deed, policy)
    } else if (call.nextAt !== undefined) call.advanceTo(call.nextAt)
    else throw new Error(`the replayed call stands still at ${call.step}`)
  }
  return call.outcome
}

const isSame = (one: MetPrompt, other: MetPrompt): boolean =>
  one.purpose === other.purpose &&
  'offer' in one === 'offer' in other &&
  ('attempt' in one ? one.attempt : 0) === ('attempt' in other ? other.attempt : 0)

function act(call: SimulatedCall, deed: Deed, { keys, languages = [] }: LinePolicy): void {
  if (deed === 'hang-up') call.hangUp()
  else if (deed === 'begin-to-speak') call.beginToSpeak()
  else if (typeof deed === 'object' && 'say' in deed) call.say(deed.say)
  else if (typeof deed === 'object') {
    const wanted = languages.find(({ language }) => language === deed.choose)
    call.press(wanted?.key ?? [...KEYS].find(key => !languages.some(one => one.key === key))!)
  } else call.press(deed === 'wrong-key' ? wrongKey(keys) : keys[deed])
}

const wrongKey = ({ yes, no, withdraw }: LinePolicy['keys']): string =>
  [...KEYS].find(key => key !== yes && key !== no && !withdraw.startsWith(key))!

/**
 * Adapts the script to a line with other purposes. Deeds at the question of a purpose that the line does not have move
 * to the purpose in its place.
 */
export function scriptFor(
  script: readonly ScriptedDeed[],
  before: Pick<LinePolicy, 'purposes'>,
  after: Pick<LinePolicy, 'purposes'>,
): ScriptedDeed[] {
  const names = after.purposes.map(({ purpose }) => purpose)
  return script.map(one => {
    const { prompt } = one
    if (prompt.purpose === null || names.includes(prompt.purpose)) return one
    const place = before.purposes.findIndex(({ purpose }) => purpose === prompt.purpose)
    const purpose = names[place]
    return purpose === undefined ? one : { ...one, prompt: { ...prompt, purpose } }
  })
}
