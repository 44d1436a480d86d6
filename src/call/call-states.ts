import type { TypedKeys } from '../consent/key-sequence.js'
import type { Answer, Decision, PromptRole } from '../shared/events.js'
import type {
  Language,
  LinePolicy,
  NextStep,
  Purpose,
  PurposePolicy,
  WithdrawalTerms,
} from '../shared/policy.js'

/** Where a call stands. */
export type Step =
  /** In the hands of a service that is gone, until the PBX says where the channel is. */
  | 'interrupted'
  | 'apologising'
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

/** One outcome of one purpose. */
export interface PurposeAnswer {
  readonly purpose: Purpose
  readonly answer: Answer
  /** It was a yes, and was taken back. */
  readonly withdrawn?: boolean
  /** How the caller can take the answer back. If undefined, the terms of the line in force hold. */
  readonly terms?: WithdrawalTerms | undefined
}

/** All that the machine knows of a call. Immutable. */
export interface CallState {
  readonly step: Step
  readonly policy: LinePolicy
  /** Purposes without an answer, in the order they are asked; the first is the one in question. */
  readonly open: readonly PurposePolicy[]
  readonly answers: readonly PurposeAnswer[]
  /** Answers on their way to the journal. */
  readonly pending: readonly PurposeAnswer[]
  /** How often the question in hand has been put, from 1. */
  readonly attempt: number
  /** Purposes that may be recorded and for which nothing is prepared yet. */
  readonly unprepared: readonly Purpose[]
  readonly tap: 'none' | 'preparing' | 'ready' | 'failed'
  /** A fault that came while an answer was on its way to the journal. */
  readonly fault: string | null
  /** Keys of a withdrawal, as far as they were typed. */
  readonly typed: TypedKeys
  /** An earlier service journalled that the caller heard the disclosure. */
  readonly disclosed: boolean
}

/** What can happen to a call. */
export type Fact =
  | { fact: 'heard' }
  | { fact: 'key'; digit: string; at: number }
  | { fact: 'silence' }
  | { fact: 'committed' }
  /** `purposes`: those whose answer was not committed, in this visit of the call or in an earlier one. */
  | { fact: 'commit-failed'; purposes: readonly PurposePolicy[] }
  | { fact: 'prepared' }
  | { fact: 'prepare-failed' }
  | { fact: 'returned' }
  | { fact: 'fault'; reason: string }
  | { fact: 'left' }
  /** Somebody hangs up a call that is in our hands; a tap may still be on its way into one that is not. */
  | { fact: 'hanging-up'; cause: number | null }
  | { fact: 'hung-up'; cause: number | null }
  /** The call of an earlier service waits in our application. `answered`, `disclosed`: what that one journalled. */
  | { fact: 'recovered'; answered: boolean; disclosed: boolean }
  /** The same channel ran the dialplan into us again, for example after a blind transfer. */
  | { fact: 're-entered'; policy: LinePolicy }

export type FactName = Fact['fact']

export type AnswerMethod = 'key' | 'voice' | 'notice' | 'none'

/** What the machine wants done. */
export type Order =
  /** End whatever an earlier service began to play. */
  | { order: 'stop-leftover-prompts' }
  | { order: 'answer' }
  | { order: 'disclose'; prompt: string }
  | { order: 'apologise'; prompt: string }
  | { order: 'ask'; purpose: Purpose; attempt: number; prompt: string }
  | { order: 'confirm'; role: PromptRole; prompt: string }
  | { order: 'stop-prompt' }
  | { order: 'wait'; ms: number }
  | { order: 'stop-waiting' }
  | { order: 'ignore-key'; purpose: Purpose | null; reason: 'too-early' | 'wrong-key' }
  /** Write the answer, then report `committed` or `commit-failed`. */
  | {
      order: 'commit'
      purposes: readonly PurposePolicy[]
      answer: Answer
      method: AnswerMethod
      reason?: string
      digit?: string
    }
  /** Write the answer without waiting: nothing is done because of it. */
  | { order: 'note'; purposes: readonly PurposePolicy[]; answer: Answer; reason?: string }
  | { order: 'prepare'; purposes: readonly Purpose[] }
  /** The caller hears nothing until the tap is ready: report `silence` after this time. */
  | { order: 'hurry-tap'; ms: number }
  /** Wait for the tap no longer; a tap that is ready later is abandoned. */
  | { order: 'give-up-tap' }
  /** The line in force does not record these purposes: note that, and abandon a tap that was made ready for them. */
  | { order: 'drop-purposes'; purposes: readonly Purpose[] }
  /** Nothing more is recorded for these; what was is destroyed, or kept up to this moment. */
  | { order: 'withdraw'; purposes: readonly Purpose[]; keep: boolean }
  /** Speak to the caller alone, whatever else is going on. */
  | { order: 'whisper'; prompt: string; language: Language }
  | { order: 'return'; next: NextStep; decision: Decision; tapped: boolean }
  /** The channel came back before the PBX answered the release, so the release got through. */
  | { order: 'note-return' }
  /** Past us, as it came; `reason` if that is not the line's. */
  | { order: 'return-unasked'; decision: Decision; reason?: string }
  /** The channel is no longer ours, but lives on; `tapped`: with the tap, as an earlier service sent it on. */
  | { order: 'note-departure'; decision: Decision; unprepared: readonly Purpose[]; tapped: boolean }
  | { order: 'end'; decision: Decision; cause: number | null; phase: Step; unprepared: readonly Purpose[] }

/** The answer to each purpose as it stands now: a yes taken back is a no. */
export const answersOf = (settled: readonly PurposeAnswer[]): { purpose: Purpose; answer: Answer }[] =>
  settled.map(({ purpose, answer, withdrawn }) => ({ purpose, answer: withdrawn ? 'refused' : answer }))

/** The call as a whole: `granted` if any purpose is, else the first purpose's answer. A yes taken back is a no. */
export function decisionOf(settled: readonly PurposeAnswer[]): Decision {
  const answers = answersOf(settled).map(({ answer }) => answer)
  return answers.includes('granted') ? 'granted' : (answers[0] ?? 'failed')
}

/** Whether an answer lets a recording begin. */
export const mayRecord = (answer: Answer): boolean => answer === 'granted' || answer === 'notice'

/** Whether a purpose may be recorded now: the answer lets it, and was not taken back. */
export const recordable = ({ answer, withdrawn }: PurposeAnswer): boolean => mayRecord(answer) && !withdrawn
