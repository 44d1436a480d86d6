import type { LinePolicy } from '../../core/policy.js'
import type { SpokenClass } from '../../core/speech.js'
import { type HeardPrompt, type LengthOf, SimulatedCall, type SimulatedOutcome } from './simulated-call.js'

/** A simulated caller of a line. */
export type TryCaller =
  | 'yes-at-once'
  | 'yes-after-question'
  | 'no-at-once'
  | 'no-after-question'
  | 'silent'
  | 'wrong-key'
  | 'hangs-up'
  | 'prompt-fails'
  | 'withdraws'
  | SpeakingCaller

/** A simulated caller of a line by voice. `says-yes-and-presses`: on a line that wants a key after a spoken yes. */
type SpeakingCaller = 'says-yes' | 'says-yes-and-presses' | 'says-no' | 'says-weak' | 'says-unclear'

/** Result for one simulated caller. */
export interface CallerMet extends SimulatedOutcome {
  caller: TryCaller
  heard: HeardPrompt[]
}

/** How much of a prompt a caller who acts at once has heard, ms. */
const AT_ONCE_MS = 500
/** From the end of a question to the decision about a short answer: the word, and the silence that ends it, ms. */
const SPOKEN_MS = 1_500
/** How long after the questions a caller withdraws, ms. */
const TALK_MS = 10_000
/** The keys of a telephone. The first one without a meaning on a line is its wrong key. */
const KEYS = '5346780912'

/** A caller's deeds at a prompt that has just begun, or after the question. */
interface Deeds {
  /** In a disclosure or question, half a second after its beginning. */
  during?(call: SimulatedCall): void
  /** When the question has ended. */
  after?(call: SimulatedCall): void
  /** In the conversation. */
  talking?(call: SimulatedCall): void
}

function deedsOf(caller: TryCaller, { keys }: LinePolicy): Deeds {
  const wrong = [...KEYS].find(key => key !== keys.yes && key !== keys.no && !keys.withdraw.startsWith(key))!
  switch (caller) {
    case 'yes-at-once':
      return { during: call => call.press(keys.yes) }
    case 'yes-after-question':
      return { after: call => call.press(keys.yes) }
    case 'no-at-once':
      return { during: call => call.press(keys.no) }
    case 'no-after-question':
      return { after: call => call.press(keys.no) }
    case 'silent':
      return {}
    case 'wrong-key':
      return { during: call => call.press(wrong) }
    case 'hangs-up':
      return { during: call => call.hangUp() }
    case 'prompt-fails':
      return { during: call => call.fail('prompt-cut') }
    case 'withdraws':
      return {
        during: call => call.press(keys.yes),
        talking: call => [...keys.withdraw].forEach(key => void call.press(key)),
      }
    case 'says-yes':
      return { after: call => say(call, 'yes') }
    case 'says-yes-and-presses':
      return { after: call => (call.hears ? say(call, 'yes') : call.press(keys.yes)) }
    case 'says-no':
      return { after: call => say(call, 'no') }
    case 'says-weak':
      return { after: call => say(call, 'weak') }
    case 'says-unclear':
      return { after: call => say(call, 'unclear') }
  }
}

/** Says something, or waits in silence where the caller is not heard. */
function say(call: SimulatedCall, what: SpokenClass): void {
  if (!call.hears) {
    call.advanceTo(call.nextAt ?? call.now)
    return
  }
  call.beginToSpeak()
  call.advanceTo(call.now + SPOKEN_MS)
  call.say(what)
}

const CALLERS: readonly TryCaller[] = [
  'yes-at-once',
  'yes-after-question',
  'no-at-once',
  'no-after-question',
  'silent',
  'wrong-key',
  'hangs-up',
  'prompt-fails',
  'withdraws',
]

/** The speaking callers, on a line that hears them. */
const speakersOf = ({ mode, voice }: LinePolicy): readonly SpeakingCaller[] => {
  if (mode !== 'voice-or-key' || !voice) return []
  const pressing = voice.keyAfterYes ? (['says-yes-and-presses'] as const) : []
  return ['says-yes', ...pressing, 'says-no', 'says-weak', 'says-unclear']
}

/**
 * Runs simulated callers on a line: some press at once, some hear everything, some say nothing. On a line by voice,
 * others only speak. Where the line offers languages, callers who press keys choose the line's own, half a second after
 * the first offer.
 */
export const tryCallers = (policy: LinePolicy, lengthOf: LengthOf): CallerMet[] =>
  [...CALLERS, ...speakersOf(policy)].map(caller => {
    const call = new SimulatedCall(policy, lengthOf)
    const deeds = deedsOf(caller, policy)
    const own = policy.languages?.find(({ language }) => language === policy.language)?.key
    let prompts = 0
    while (!call.isOver) {
      const began = call.heard.length > prompts
      prompts = call.heard.length
      const role = call.heard.at(-1)?.role
      if (began && role === 'language') {
        call.advanceTo(Math.min(call.now + AT_ONCE_MS, call.nextAt ?? call.now))
        if (caller !== 'silent' && own !== undefined && call.heard.length === prompts) call.press(own)
      } else if (began && deeds.during && (role === 'disclosure' || role === 'question')) {
        call.advanceTo(Math.min(call.now + AT_ONCE_MS, call.nextAt ?? call.now))
        if (call.heard.length === prompts) deeds.during(call)
      } else if (call.step === 'waiting' && deeds.after) deeds.after(call)
      else if (call.nextAt !== undefined) call.advanceTo(call.nextAt)
      else throw new Error(`the call of ${caller} stands still at ${call.step}`)
    }
    if (call.step === 'talking' && deeds.talking) {
      call.advanceTo(call.now + TALK_MS)
      deeds.talking(call)
    }
    return { caller, ...call.outcome, heard: call.heard }
  })
