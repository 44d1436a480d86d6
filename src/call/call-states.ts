import type { TypedKeys } from '../consent/key-sequence.js'
import type { Answer, Decision, LanguageHow, PromptRole } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import type { InquiryBy } from '../shared/party-events.js'
import type {
  Language,
  LinePolicy,
  MinHeard,
  NextStep,
  Purpose,
  PurposePolicy,
  WithdrawalTerms,
} from '../shared/policy.js'
import type { PromptBook } from '../shared/ports.js'
import type { HearingTerms, SpokenAnswer } from '../shared/speech.js'
import type { Unsettled } from '../shared/speech-events.js'
import type { Told, ToldWords } from '../shared/told-words.js'
import type { AskedQuestion } from './asked-question.js'

export type { Told } from '../shared/told-words.js'

/** The step that a call is at. */
export type Step =
  /** The service that had the call has ended, and the PBX has not said yet where the channel is. */
  | 'interrupted'
  | 'apologising'
  /** The line offers a choice of languages. */
  | 'choosing'
  | 'disclosing'
  | 'asking'
  | 'waiting'
  | 'committing'
  | 'confirming'
  | 'failing'
  | 'preparing'
  | 'releasing'
  | 'talking'
  | 'ended'

/** The answer to one purpose. */
export interface PurposeAnswer {
  readonly purpose: Purpose
  readonly answer: Answer
  /** The caller withdrew this yes. */
  readonly withdrawn?: boolean
  /** How the caller can withdraw the answer. If undefined, the terms of the line in force apply. */
  readonly terms?: WithdrawalTerms | undefined
  /** What the caller was told. Undefined if an older version journalled the answer. */
  readonly told?: Told | undefined
  /** Of a recovered call: the answer was given in an earlier visit. That visit recorded it, or did not. */
  readonly earlier?: boolean
  /** It was given for the recording of another call: nothing of the person's own call is recorded on it. */
  readonly elsewhere?: true
  /** A later answer to the same purpose, on another line, counts in its place. Of a yes: it can still be withdrawn. */
  readonly superseded?: true
}

/** A question in the middle of a conversation, which the person who is asked hears alone: see `inquiry.ts`. */
export interface Inquiry {
  /** The line on whose terms the person is asked, in the language of the call. */
  readonly policy: LinePolicy
  /** Purposes without an answer to this inquiry. The first is being asked. */
  readonly open: readonly PurposePolicy[]
  readonly step: 'telling' | 'asking' | 'waiting' | 'committing' | 'confirming'
  /** How often the current question was asked, from 1. */
  readonly attempt: number
  /** Whether a wrong key was pressed since it was last asked. */
  readonly mistyped: boolean
  /** Answers that are being committed. */
  readonly pending: readonly PurposeAnswer[]
  /** Purposes for which a yes needs a tap of its own. The others are recorded, or are not to be. */
  readonly untapped: readonly Purpose[]
  /** Purposes with a committed yes for which a tap is to be prepared. */
  readonly agreed: readonly Purpose[]
  /** The keys of a withdrawal that were typed so far. In an inquiry they are a no. */
  readonly typed: TypedKeys
  /** The call for whose recording the person is asked; null if it is the person's own. */
  readonly recorded: CallId | null
  /** Whether a no or silence was an answer in it. */
  readonly refused: boolean
  /** Why the inquiry ends when the answer is committed; null if it goes on. */
  readonly over: string | null
}

/** All that the machine knows about a call. Immutable. */
export interface CallState {
  readonly step: Step
  readonly policy: LinePolicy
  /** Purposes without an answer, in the order in which they are asked. The first is being asked. */
  readonly open: readonly PurposePolicy[]
  readonly answers: readonly PurposeAnswer[]
  /** Answers that are being committed. */
  readonly pending: readonly PurposeAnswer[]
  /** How often the current question was asked, from 1. */
  readonly attempt: number
  readonly asked: AskedQuestion
  /** Purposes that may be recorded and for which no tap is prepared yet. */
  readonly unprepared: readonly Purpose[]
  /** `held`: it is ready, and started when the confirmation of an inquiry is over. */
  readonly tap: 'none' | 'preparing' | 'held' | 'ready' | 'failed'
  /** Purposes whose yes was confirmed although they are not recorded, of which the caller is still to hear. */
  readonly unrecorded: readonly PurposePolicy[]
  /** A fault that came while an answer was being committed. */
  readonly fault: string | null
  /** The keys of a withdrawal that the caller has typed so far. */
  readonly typed: TypedKeys
  /** At `choosing`: the place of the language that is offered. */
  readonly offer: number
  /** The language that the caller has chosen, or left to the line. Null before that. */
  readonly chosen: Language | null
  /** At `disclosing`: the caller has pressed a key too early, and is asked as soon as enough was heard. */
  readonly hasty: boolean
  /** Of a recovered call: the journal shows that the caller heard the disclosure. */
  readonly disclosed: boolean
  /** At `talking`: the question that is open; null if none is. Elsewhere one whose answer is still being committed. */
  readonly inquiry: Inquiry | null
  /** The recorded call that the person has joined, whose own call was begun only for that; null of any other. */
  readonly joined: CallId | null
  /** The call for whose recording the person was asked last, if that question ended before the person had answered. */
  readonly cutOff: CallId | null
  /** The prompts of the call, which stay as they are while it runs. Undefined where nothing is played. */
  readonly prompts?: Pick<PromptBook, 'find'>
}

/** Something that happened to a call. */
export type Fact =
  | { fact: 'heard' }
  /** `heardMs`: how much of the disclosure has been heard; null if it has not begun to play; absent at other steps. */
  | { fact: 'key'; digit: string; at: number; heardMs?: number | null }
  | { fact: 'silence' }
  /** The caller has begun to speak, and is heard. */
  | { fact: 'speaking' }
  /** The caller has spoken. `duringPrompt`: the speech began before the prompt had ended. */
  | { fact: 'spoken'; spoken: SpokenAnswer; at: number; duringPrompt: boolean }
  /** Nothing hears the caller any more. `detail`: the setting that is missing, for people. */
  | { fact: 'hearing-lost'; reason: string; detail?: string }
  /** `aside`: of an answer in a conversation. */
  | { fact: 'committed'; aside?: boolean }
  /** `purposes`: those whose answer was not committed, in this visit or in an earlier one. */
  | { fact: 'commit-failed'; purposes: readonly PurposePolicy[]; aside?: boolean }
  /** `lost`: purposes that were to be recorded and cannot be; absent: none. */
  | { fact: 'prepared'; lost?: readonly Purpose[] }
  /** `lost`: as above; none if all are recorded already. */
  | { fact: 'prepare-failed'; lost: readonly Purpose[] }
  | { fact: 'returned' }
  | { fact: 'fault'; reason: string }
  | { fact: 'left' }
  /** Either side hangs up. This ends a call in our application. In the dialplan only `hung-up` does, as the tap may still start. */
  | { fact: 'hanging-up'; cause: number | null }
  | { fact: 'hung-up'; cause: number | null }
  /**
   * A recovered call waits in our application, on this line. `answered`, `disclosed`: whether the journal shows that. `late`: the
   * visit began so long ago that nothing is asked any more. `unasked`: why the line does not ask now, if so.
   */
  | {
      fact: 'recovered'
      policy: LinePolicy
      answered: boolean
      disclosed: boolean
      late: boolean
      unasked?: string | undefined
    }
  /** The same channel ran the Gosub again, for example after a blind transfer. `unasked`: why its line does not ask now, if so. */
  | { fact: 're-entered'; policy: LinePolicy; unasked?: string | undefined }
  /** The person is to be asked now, in the middle of a conversation. The rest as in an `Inquiry` and in `consent.requested`. */
  | {
      fact: 'ask-now'
      by: InquiryBy
      policy: LinePolicy
      purposes: readonly PurposePolicy[]
      untapped: readonly Purpose[]
      recorded: CallId | null
    }
  /** The person has heard in full what was whispered to ask, or has not. */
  | { fact: 'told' }
  | { fact: 'not-told'; reason: string }
  /** Nobody can be heard by this channel any more; the recordings are paused, so that a card number may follow, whose digits are no answers. */
  | { fact: 'alone' | 'paused' }

export type FactName = Fact['fact']

export type AnswerMethod = 'key' | 'voice' | 'notice' | 'none'

/** Something for `run-call.ts` to do. */
export type Order =
  /** Stop prompts that the service before this one started. */
  | { order: 'stop-leftover-prompts' }
  | { order: 'answer' }
  | { order: 'offer-language'; language: Language; prompt: string }
  | { order: 'note-language'; language: Language; how: LanguageHow }
  | { order: 'disclose'; prompt: string }
  | { order: 'apologise'; prompt: string }
  | { order: 'ask'; purpose: Purpose; attempt: number; prompt: string }
  | { order: 'confirm'; role: PromptRole; prompt: string }
  | { order: 'stop-prompt' }
  | { order: 'wait'; ms: number }
  | { order: 'stop-waiting' }
  /** Hear what the caller says from now on. Report `speaking`, `spoken` and `hearing-lost`. */
  | { order: 'begin-hearing'; terms: HearingTerms }
  /** The prompt that played when the hearing began has ended. */
  | { order: 'tell-prompt-ended' }
  | { order: 'end-hearing' }
  | { order: 'note-speech'; purpose: Purpose; spoken: SpokenAnswer; why: Unsettled }
  | { order: 'note-hearing-lost'; purpose: Purpose; reason: string; detail?: string }
  /** `early`: only of a key before the caller had heard enough of the disclosure. */
  | {
      order: 'ignore-key'
      purpose: Purpose | null
      reason: 'too-early' | 'wrong-key'
      early?: { heardMs: number; minHeardMs: MinHeard }
    }
  /** Commit the answer, then report `committed` or `commit-failed`. */
  | {
      order: 'commit'
      purposes: readonly PurposePolicy[]
      answer: Answer
      method: AnswerMethod
      reason?: string
      digit?: string
      spoken?: SpokenAnswer
      /** How long after the spoken yes the key came that confirms it, ms. */
      confirmedAfterMs?: number
      /** Of an answer in a conversation: how the person was told to withdraw it. Otherwise as the line of the call says. */
      inConversation?: WithdrawalTerms
      /** Of a yes or a notice: in which words each of the purposes was told, in their order. */
      told?: readonly ToldWords[]
      /** Those of the purposes to which the person had said yes on another line. */
      again?: readonly Purpose[]
    }
  /** Journal the answer without waiting. Nothing depends on it. */
  | {
      order: 'note'
      purposes: readonly PurposePolicy[]
      answer: Answer
      reason?: string
      inConversation?: WithdrawalTerms
      again?: readonly Purpose[]
    }
  /** The decision that is journalled counts an answer that failed afterwards. Journal the decision without it. */
  | { order: 'correct-decision'; decision: Decision; reason: string }
  /** `line`: the number of the line on which they were agreed to, if it is another one than that of the call. */
  | { order: 'prepare'; purposes: readonly Purpose[]; line?: string }
  /** The caller hears nothing until the tap is ready. Report `silence` after `ms`. */
  | { order: 'limit-tap-wait'; ms: number }
  /** Stop waiting for the tap. A tap that is ready later is abandoned. */
  | { order: 'give-up-tap' }
  /** Journal that these purposes are not recorded, and abandon a tap that was prepared. `reason`: the line does not record them, if absent. */
  | { order: 'drop-purposes'; purposes: readonly Purpose[]; reason?: string }
  /** Stop recording for these purposes. `keep`: the audio up to this moment is kept; otherwise it is destroyed. */
  | { order: 'withdraw'; purposes: readonly Purpose[]; keep: boolean }
  /** Journal that the person is asked in a conversation, and have the keys and the end of the channel reported from now on. */
  | ({ order: 'begin-inquiry' } & Omit<Extract<Fact, { fact: 'ask-now' }>, 'fact' | 'untapped'>)
  /** Whisper a prompt of an inquiry, then report `told` or `not-told`. */
  | { order: 'tell'; role: PromptRole; prompt: string; language: Language }
  /** The same with a question. */
  | { order: 'ask-aside'; purpose: Purpose; attempt: number; prompt: string; language: Language }
  /** Stop what is whispered, and whisper no more. */
  | { order: 'hush' }
  /** Have the PBX start the tap that is ready, wherever the channel is. */
  | { order: 'start-tap' }
  /** Play a prompt that only the caller hears, wherever the channel is. */
  | { order: 'whisper'; prompt: string; language: Language }
  | { order: 'return'; next: NextStep; decision: Decision; tapped: boolean }
  /** The channel re-entered before the PBX replied to the order that returned it, so that order had succeeded. */
  | { order: 'note-return' }
  /** Return the channel without a question. `reason`: why, unless the line itself is the reason. */
  | { order: 'return-unasked'; decision: Decision; reason?: string }
  /** The channel left our application and still exists. `tapped`: the service before this one returned it with its tap. */
  | { order: 'note-departure'; decision: Decision; unprepared: readonly Purpose[]; tapped: boolean }
  | { order: 'end'; decision: Decision; cause: number | null; phase: Step; unprepared: readonly Purpose[] }

/** The state after one step of the machine, and the orders to carry out. */
export interface Transition {
  state: CallState
  orders: Order[]
}
