import type { Answer, Decision } from '../shared/events.js'
import type { CallId, ChannelId } from '../shared/ids.js'
import type { Purpose } from '../shared/policy.js'

export type {
  DurableEventSink,
  Gate,
  Grant,
  LineBook,
  PromptBook,
  ReadyPrompt,
  Recorder,
} from '../shared/ports.js'

/** What the dialplan is told of a call that it gets back. */
export interface Outcome {
  call: CallId
  decision: Decision
  /** The tap's path prefix, if the call is to be recorded. */
  tap: string | null
  /** Path prefix of the tap that an earlier visit started and that records the call; null if there is none. */
  recordedBy: string | null
  /** What was answered to each purpose; a yes taken back is a no. */
  answers: readonly { purpose: Purpose; answer: Answer }[]
  /** Where to go on, as `context,extension,priority`; at the step after the Gosub if null. */
  target: string | null
}

/** A voice in one channel's ear; nobody else in the call hears it. */
export interface Whisper {
  /** The channel that is made for it. */
  readonly id: ChannelId
  /** As of a `CallLeg`; opens the voice if need be. Facts `playing` and `played` come from the channel whispered to. */
  play(media: string, id: string): Promise<void>
  stopPlaying(id: string): Promise<void>
  close(): Promise<void>
}

/** Orders to one channel. Each rejects with AppError `pbx.*`; `endsCall` says that the channel is gone. */
export interface CallChannel {
  readonly id: ChannelId
  answer(): Promise<void>
  /**
   * Starts a sound file; facts `playing` and `played` with this `id` follow.
   * @param media absolute path of a sound file, without extension
   */
  play(media: string, id: string): Promise<void>
  stopPlaying(id: string): Promise<void>
  /**
   * Back to the dialplan with what was decided. A recorded channel goes on being watched, so that keys and its end are
   * heard of. A tap is started by the dialplan only if this order got through.
   *
   * @param ended once it is aborted, the channel gets no further order
   */
  returnToDialplan(outcome: Outcome, ended: AbortSignal): Promise<void>
  /** Rejects with `pbx.conflict` if the channel is in another application or in the dialplan. */
  checkOurs(): Promise<void>
  /** Back to the dialplan as if Consentry had not been there: nothing is set, nothing is recorded. */
  returnUntouched(): Promise<void>
  hangup(): Promise<void>
  /** Works on a channel wherever it is in the dialplan. */
  whisper(): Whisper
  /** Whether the dialplan has started this tap on the channel. */
  startedTap(tap: string): Promise<boolean>
  /** From now on keys of these channels are heard, too. */
  hearKeysOf(peers: readonly ChannelId[]): Promise<void>
}

/** What the PBX tells about one channel. `at` is the PBX's own clock, ms since the epoch. */
export type ChannelFact =
  | { fact: 'key'; digit: string; at: number }
  | { fact: 'playing'; playback: string; at: number }
  | { fact: 'played'; playback: string; ok: boolean; at: number }
  | { fact: 'left'; at: number }
  /** It is together with these others, and with nobody else. */
  | { fact: 'with'; peers: readonly ChannelId[]; at: number }
  /** Somebody hangs up. Of a call in question that is the last word; any other is `hung-up` once its channel is gone. */
  | { fact: 'hanging-up'; cause: number | null; at: number }
  /** `cause`: of Q.850, if the PBX tells one. */
  | { fact: 'hung-up'; cause: number | null; at: number }

/** Where a channel is, as far as it concerns us. */
export type Whereabouts =
  /** In our application, with these two numbers, as in an `Arrival`. */
  | { in: 'app'; number: string; caller: string }
  | { in: 'dialplan' }
  /** It is a voice of ours, in a caller's ear. */
  | { in: 'ear' }
  /** In our application or watched by it, and the PBX does not tell which. */
  | { in: 'unknown' }

/** A channel that came in through `Stasis(APP,number)`. */
export interface Arrival {
  /** The dialled number, as the dialplan filtered it. */
  number: string
  /** The caller's number as the PBX has it; personal data. */
  caller: string
  /** When it came in by the PBX's clock, ms since the epoch. */
  at: number
  channel: CallChannel
}
