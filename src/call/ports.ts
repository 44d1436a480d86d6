import type { ChannelId } from '../shared/ids.js'

export type {
  EventSink as CallJournal,
  Grant,
  LineBook,
  PromptBook,
  ReadyPrompt,
  Recorder,
} from '../shared/ports.js'

/** Orders to one channel. Each rejects with AppError `pbx.*`; `endsCall` says that the channel is gone. */
export interface CallLeg {
  readonly channel: ChannelId
  answer(): Promise<void>
  /**
   * Starts a sound file; facts `playing` and `played` with this `id` follow.
   * @param media absolute path of a sound file, without extension
   */
  play(media: string, id: string): Promise<void>
  stopPlaying(id: string): Promise<void>
  setVariables(variables: Record<string, string>): Promise<void>
  /** Goes on receiving keys and the end of the channel after it left for the dialplan. */
  keepWatching(): Promise<void>
  /** Back to the dialplan, at the step after `Stasis`. */
  continueInDialplan(): Promise<void>
  hangup(): Promise<void>
}

/** What the PBX tells about one channel. `at` is the PBX's own clock, ms since the epoch. */
export type LegFact =
  | { fact: 'key'; digit: string; at: number }
  | { fact: 'playing'; playback: string; at: number }
  | { fact: 'played'; playback: string; ok: boolean; at: number }
  | { fact: 'left'; at: number }
  | { fact: 'hung-up'; cause: number; at: number }
  /** The PBX can no longer be heard: keys and ends may have been missed. */
  | { fact: 'blind'; at: number }

/** A channel that came in through `Stasis(APP,number)`. */
export interface Arrival {
  /** The dialled number, as the dialplan filtered it. */
  number: string
  /** The caller's number as the PBX has it; personal data. */
  caller: string
  /** Its codec as Asterisk names it, for example `alaw`. */
  leg: CallLeg
}
