import type { AnnouncedWords, Announcement } from '../../core/announcement.js'
import type { Answer, Decision, LanguageHow, PromptRole } from '../../core/events.js'
import type { CallId } from '../../core/ids.js'
import type { InquiryBy } from '../../core/party-events.js'
import type {
  Language,
  LinePolicy,
  MinHeard,
  NextStep,
  Purpose,
  PurposePolicy,
  WithdrawalTerms,
} from '../../core/policy.js'
import type { PromptBook } from '../../core/ports.js'
import type { HearingTerms, SpokenAnswer } from '../../core/speech.js'
import type { Unsettled } from '../../core/speech-events.js'
import type { TypedKeys } from './key-sequence.js'

export type { Announcement } from '../../core/announcement.js'

/** The step that a call is at. */
export type Step =
  /** The service that had the call has ended, and the channel's place is not known yet. */
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

/** A caller's answer to the current question. It counts only when it is committed, see `run/commit-answer.ts`. */
export type AnswerHeard = {
  answer: 'granted' | 'refused'
  /** When the caller gave it, ms since the epoch. */
  at: number
} & (
  | {
      how: 'key'
      /** The key that was pressed; personal data. */
      digit: string
    }
  | { how: 'voice'; spoken: SpokenAnswer }
)

/** An answer by key, and one by voice. */
export type KeyAnswer = Extract<AnswerHeard, { how: 'key' }>
export type VoiceAnswer = Extract<AnswerHeard, { how: 'voice' }>

/**
 * How the open question is asked. `speech`: the line's own question, on a line by voice. `confirm`: whether a weak yes is one. Both hear
 * the caller. `key`: for a key alone; on a line by key the line's own question. `after-yes`: for the key that a spoken yes needs. Keys
 * count in every way.
 */
export type QuestionWay = 'speech' | 'confirm' | 'key' | 'after-yes'

/** How the open question has been asked so far. */
export interface AskedQuestion {
  readonly way: QuestionWay
  /** How often it was repeated after silence. */
  readonly repeats: number
  /** How often the caller was asked to speak. */
  readonly bySpeech: number
  /** Whether the caller is heard: `begin-hearing` was ordered, and neither `end-hearing` nor a loss followed. */
  readonly hearing: boolean
  /** Whether the caller has begun to speak, with the words not yet known. */
  readonly speaking: boolean
  /** Whether the wait was extended because the caller was speaking. */
  readonly extended: boolean
  /** Whether a wrong key was pressed since it was last asked. */
  readonly mistyped: boolean
  /** The spoken yes that a key must confirm; null unless the way is `after-yes`. */
  readonly saidYes: VoiceAnswer | null
}

/** The answer to one purpose. */
export interface PurposeAnswer {
  readonly purpose: Purpose
  readonly answer: Answer
  /** The caller withdrew this yes. */
  readonly withdrawn?: boolean
  /** How the caller can withdraw the answer. */
  readonly terms: WithdrawalTerms
  /** What was announced to the caller. */
  readonly announced: Announcement
  /** Of a recovered call: the answer was given in an earlier visit, which has already decided about its recording. */
  readonly earlier?: boolean
  /** The answer was given for the recording of another call. Nothing of the person's own call is recorded on it. */
  readonly elsewhere?: true
  /**
   * A later answer to the same purpose, on another line, replaces this one. A superseded yes can still be withdrawn.
   */
  readonly superseded?: true
}

/** A question in a conversation, whispered to the person who is asked: see `inquiry.ts`. */
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
  /** Purposes for which a yes needs a new tap. The others are recorded already, or are not to be. */
  readonly untapped: readonly Purpose[]
  /** Purposes with a committed yes for which a tap is to be prepared. */
  readonly agreed: readonly Purpose[]
  /** The keys of a withdrawal that were typed so far. In an inquiry they are a no. */
  readonly typed: TypedKeys
  /** The call for whose recording the person is asked; null if it is the person's own. */
  readonly recorded: CallId | null
  /** Whether the inquiry had a refusal or a silence as an answer. */
  readonly refused: boolean
  /** Why the inquiry ends when the answer is committed; null if it continues. */
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
  /** Purposes that are not recorded although their yes was confirmed. The caller has yet to be informed. */
  readonly unrecorded: readonly PurposePolicy[]
  /** A fault that came while an answer was being committed. */
  readonly fault: string | null
  /** The keys of a withdrawal that the caller has typed so far. */
  readonly typed: TypedKeys
  /** At `choosing`: the place of the language that is offered. */
  readonly offer: number
  /** The chosen language, or the line's own after no choice. Null before that. */
  readonly chosen: Language | null
  /** At `disclosing`: the caller has pressed a key too early, and is asked once enough of the disclosure was heard. */
  readonly hasty: boolean
  /** Of a recovered call: the journal shows that the caller heard the disclosure. */
  readonly disclosed: boolean
  /**
   * At `talking`: the open question; null if none exists. At other steps: a question whose answer is still being
   * committed.
   */
  readonly inquiry: Inquiry | null
  /** The recorded call that the person has joined, if the own call was begun only for that; else null. */
  readonly joined: CallId | null
  /** The call for whose recording the person was last asked, if that question ended without an answer. */
  readonly cutOff: CallId | null
  /** The prompts of the call, fixed while it runs. Undefined where nothing is played. */
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
  /** The caller is no longer heard. `detail`: the missing setting, for people. */
  | { fact: 'hearing-lost'; reason: string; detail?: string }
  /** `aside`: the answer was given in a conversation. */
  | { fact: 'committed'; aside?: boolean }
  /** `purposes`: those whose answer was not committed, in this or an earlier visit. */
  | { fact: 'commit-failed'; purposes: readonly PurposePolicy[]; aside?: boolean }
  /** `lost`: purposes that cannot be recorded as intended; absent: none. */
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
   * A recovered call waits in our application, on this line. `answered`, `disclosed`: whether the journal shows that.
   * `late`: the visit began too long ago to ask again. `unasked`: why the line currently does not ask, if so.
   */
  | {
      fact: 'recovered'
      policy: LinePolicy
      answered: boolean
      disclosed: boolean
      late: boolean
      unasked?: string | undefined
    }
  /**
   * The same channel ran the Gosub again, for example after a blind transfer. `unasked`: why its line currently does
   * not ask, if so.
   */
  | { fact: 're-entered'; policy: LinePolicy; unasked?: string | undefined }
  /** The person is to be asked now, in the conversation. Other fields as in an `Inquiry` and in `consent.requested`. */
  | {
      fact: 'ask-now'
      by: InquiryBy
      policy: LinePolicy
      purposes: readonly PurposePolicy[]
      untapped: readonly Purpose[]
      recorded: CallId | null
    }
  /** The whisper that asks the person was heard in full, or was not. */
  | { fact: 'whispered' }
  | { fact: 'not-whispered'; reason: string }
  /**
   * `alone`: no one else is audible on this channel. `paused`: the recordings are paused, so that the digits of a card
   * number may follow; they are not answers.
   */
  | { fact: 'alone' | 'paused' }

export type FactName = Fact['fact']

export type AnswerMethod = 'key' | 'voice' | 'notice' | 'none'

/** Something for `run-call.ts` to do. */
export type Order =
  /** Stop prompts of the previous service. */
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
  /** Begin to hear the caller. Report `speaking`, `spoken` and `hearing-lost`. */
  | { order: 'begin-hearing'; terms: HearingTerms }
  /** The prompt that played when the hearing began has ended. */
  | { order: 'tell-prompt-ended' }
  | { order: 'end-hearing' }
  | { order: 'note-speech'; purpose: Purpose; spoken: SpokenAnswer; why: Unsettled }
  | { order: 'note-hearing-lost'; purpose: Purpose; reason: string; detail?: string }
  /** `early`: only for a key before enough of the disclosure was heard. */
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
      /** Time from the spoken yes to the key that confirms it, ms. */
      confirmedAfterMs?: number
      /** For an answer in a conversation: the announced way to withdraw it. Otherwise that of the call's line. */
      inConversation?: WithdrawalTerms
      /** For a yes or a notice: the words announced for each purpose, in the order of the purposes. */
      announced?: readonly AnnouncedWords[]
      /** The purposes to which the person had said yes on another line. */
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
  /** The journalled decision includes an answer that failed later. Journal the decision without it. */
  | { order: 'correct-decision'; decision: Decision; reason: string }
  /** `line`: number of the line of the agreement, if it is not the call's line. */
  | { order: 'prepare'; purposes: readonly Purpose[]; line?: string }
  /** The caller hears nothing until the tap is ready. Report `silence` after `ms`. */
  | { order: 'limit-tap-wait'; ms: number }
  /** Stop waiting for the tap. A tap that is ready later is abandoned. */
  | { order: 'give-up-tap' }
  /**
   * Journal that these purposes are not recorded, and abandon a prepared tap. Without `reason`, the line does not
   * record them.
   */
  | { order: 'drop-purposes'; purposes: readonly Purpose[]; reason?: string }
  /** Stop recording for these purposes. `keep`: the audio up to this moment is kept; otherwise it is destroyed. */
  | { order: 'withdraw'; purposes: readonly Purpose[]; keep: boolean }
  /** Journal the question in a conversation, and have the channel's keys and end reported from now on. */
  | ({ order: 'begin-inquiry' } & Omit<Extract<Fact, { fact: 'ask-now' }>, 'fact' | 'untapped'>)
  /** Whisper a prompt of an inquiry, then report `whispered` or `not-whispered`. */
  | { order: 'tell'; role: PromptRole; prompt: string; language: Language }
  /** As `tell`, for a question. */
  | { order: 'ask-aside'; purpose: Purpose; attempt: number; prompt: string; language: Language }
  /** Stop the current whisper, and start no other. */
  | { order: 'end-whisper' }
  /** Have the PBX start the prepared tap, wherever the channel is. */
  | { order: 'start-tap' }
  /** Whisper a prompt to the caller, wherever the channel is. */
  | { order: 'whisper'; prompt: string; language: Language }
  | { order: 'return'; next: NextStep; decision: Decision; tapped: boolean }
  /** The channel re-entered before the PBX replied to the order that returned it, so that order had succeeded. */
  | { order: 'note-return' }
  /** Return the channel without a question. `reason`: why, unless the line itself is the reason. */
  | { order: 'return-unasked'; decision: Decision; reason?: string }
  /** The channel left our application and still exists. `tapped`: the previous service returned it with its tap. */
  | { order: 'note-departure'; decision: Decision; unprepared: readonly Purpose[]; tapped: boolean }
  | { order: 'end'; decision: Decision; cause: number | null; phase: Step; unprepared: readonly Purpose[] }

/** The state after one step of the machine, and the orders to carry out. */
export interface Transition {
  state: CallState
  orders: Order[]
}
