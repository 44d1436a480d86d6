import type { Answer, Decision } from '../core/events.js'
import type { CallId, ChannelId } from '../core/ids.js'
import type { TransferKind } from '../core/party-events.js'
import type { Language, Purpose } from '../core/policy.js'
import type { HeardChannel, TapOrders } from '../core/ports.js'

export type {
  AudioFeed,
  CallMeter,
  DurableEventSink,
  Ear,
  EarEvent,
  EventSink,
  Gate,
  Grant,
  HeardChannel,
  Hearing,
  LineBook,
  PromptBook,
  ReadyPrompt,
  Recorder,
  SideFault,
  TapOrders,
  TapStart,
} from '../core/ports.js'

/** What the dialplan gets when a channel returns to it. */
export interface Outcome {
  call: CallId
  decision: Decision
  /** The tap's path prefix, if the call is to be recorded. */
  tap: string | null
  /** Path prefix of the tap that an earlier visit started and that still records the call; null if none exists. */
  recordedBy: string | null
  /** The answer to each purpose. A withdrawn yes is a no. */
  answers: readonly { purpose: Purpose; answer: Answer }[]
  /** Where the dialplan continues, as `context,extension,priority`; null for the step after the Gosub. */
  target: string | null
  /** Whether an agent's keys count even while nothing is recorded. */
  hearsAgentKeys: boolean
}

/** A whisper channel: it plays prompts that only one other channel hears. */
export interface Whisper {
  /** The id of the whisper channel. It changes after each `close`. */
  readonly id: ChannelId
  /**
   * As `play` of a `CallChannel`. Opens the whisper channel first, and gives up when it is closed. Facts `playing` and `played` name the
   * hearing channel.
   */
  play(media: string, id: string): Promise<void>
  stopPlaying(id: string): Promise<void>
  close(): Promise<void>
}

/** Orders to one channel. Each rejects with AppError `pbx.*`; `endsCall` is true if the channel is gone. */
export interface CallChannel extends HeardChannel {
  answer(): Promise<void>
  /**
   * Starts a sound file. Facts `playing` and `played` with this `id` follow.
   *
   * @param media absolute path of a sound file, without extension
   */
  play(media: string, id: string): Promise<void>
  stopPlaying(id: string): Promise<void>
  /**
   * Sends the outcome to the PBX before the channel returns with it. From then on, keys and the end of a channel that is to be recorded are
   * reported wherever it is.
   */
  tell(outcome: Outcome): Promise<void>
  /** Returns the channel to the dialplan with the outcome. The dialplan starts the tap only if this order succeeds. */
  returnToDialplan(outcome: Outcome): Promise<void>
  /** Rejects with `pbx.conflict` if the channel is in the dialplan or in another application. */
  checkInApplication(): Promise<void>
  /** Returns the channel to the dialplan unrecorded, and sets no variables. */
  returnUntouched(): Promise<void>
  hangup(): Promise<void>
  /** Creates a whisper to this channel. It works in the dialplan too. */
  whisper(): Whisper
  /** Whether the PBX records the channel with a MixMonitor that is not ours; false if the PBX does not answer. */
  recordedByPbx(): Promise<boolean>
  /** Has the PBX stop every MixMonitor of the channel that is not ours. Never rejects. @returns whether the PBX took the order */
  stopPbxRecordings(): Promise<boolean>
  /** The queue that the dialplan runs for the channel, its numbers masked; null without a queue or an answer. Never rejects. */
  queue(): Promise<string | null>
  /** The number of the person on the channel, as the PBX reports it; empty if it does not. Never rejects. */
  callerNumber(): Promise<string>
  /**
   * How the caller on this channel came to a line while our application was away; undefined if that did not happen, or
   * the channel is gone.
   *
   * @throws AppError `pbx.*`, retryable, if the PBX does not answer
   */
  passedUnasked(): Promise<Omit<Arrival, 'channel'> | undefined>
  /** Whether the dialplan has started this tap on the channel. */
  startedTap(tap: string): Promise<boolean>
  readonly taps: TapOrders
  /** Whether the channel, which is in the dialplan, may have heard a sound before it was connected: `Dial` without music plays none. */
  heardMusic(): Promise<boolean>
  /** Number of RTP packets that the PBX has received on another channel; undefined without RTP or an answer. Never rejects. */
  packetsFrom(peer: ChannelId): Promise<number | undefined>
  /** The RTP that the PBX receives on these PJSIP channels, without channels for which it does not answer. Never rejects. */
  rtpOf(channels: readonly ChannelId[]): Promise<ReadonlyMap<ChannelId, RtpStream>>
  /**
   * Reads the other half of this `Local` channel, and has the PBX report the channels that it dials from then on. Never rejects.
   *
   * @param name its own
   * @returns undefined if the PBX does not answer, for example because the other half has ended
   */
  behind(name: string): Promise<BehindLocal | undefined>
  /** Also has the PBX report the channel's end, and recordings that begin while it is in the dialplan, whatever was answered. */
  follow(): Promise<void>
  /** Also reports the keys of this other channel from now on. */
  hearKeysOf(peer: ChannelId): Promise<void>
}

/** What is behind one half of a `Local` channel. */
export interface BehindLocal {
  /** The other half. */
  half: ChannelId
  /** Endpoints that the dialplan dials for it, shown as channels; empty without any. */
  dials: readonly ShownChannel[]
}

/** The RTP that the PBX receives on a channel (RFC 3550). */
export interface RtpStream {
  /** The SSRC of its sender. */
  source: number
  /** How many packets count as lost, by their sequence numbers. */
  lost: number
}

/** Properties of a channel by which its participant is recognised as internal or external. */
export interface ShownChannel {
  /** As the PBX names it, such as `PJSIP/anna-0000002a`. It may have a telephone number, so it goes into no log and no event. */
  name: string
  /** The channel's dialplan context when it first joined a conversation, or was dialled. */
  context?: string
  /** The participant's side that the dialplan states by the variable `CONSENTRY_PARTY`. */
  party?: KnownSide
}

/** Whether a participant belongs to the company. */
export type KnownSide = 'inside' | 'outside'

/** A channel that can hear another one. */
export interface Neighbour extends ShownChannel {
  channel: ChannelId
  /** Whether both are in one bridge. Otherwise a `Local` channel is between them, or the other one has not answered. */
  near: boolean
  /** It is heard before it answers. */
  early?: true
}

/** Where the PBX has a channel, other than in a plain conversation. */
export type Place = 'parked' | 'conference'

/** What the PBX reports about one channel. `at` is the PBX's own clock, ms since the epoch. */
export type ChannelFact =
  | { fact: 'key'; digit: string; at: number }
  | { fact: 'playing'; playback: string; at: number }
  | { fact: 'played'; playback: string; ok: boolean; at: number }
  /** The PBX has ended a recording that `PhoneRecorder` started. */
  | { fact: 'recorded'; ok: boolean; at: number }
  /** The PBX begins to record the channel with a MixMonitor that is not ours. */
  | { fact: 'pbx-records'; at: number }
  | { fact: 'left'; at: number }
  /**
   * The channel is in a conversation with exactly these others. Comes at once with each change: a join, leave, park or transfer. `name`:
   * its own, see `ShownChannel`; absent if the PBX did not report it. `place`: where it is, absent in a plain conversation and outside of
   * any.
   */
  | { fact: 'with'; name?: string; peers: readonly Neighbour[]; place?: Place; at: number }
  /**
   * The channel was transferred. `by`: names of the transferring participant's channels. `to`: name of the channel that it joins; null if
   * the PBX does not report it.
   */
  | { fact: 'transferred'; kind: TransferKind; by: readonly string[]; to: string | null; at: number }
  /**
   * The dialplan dials a participant for the channel, who is heard before the answer, has answered, or is dialled no more without an
   * answer.
   */
  | { fact: 'dials'; peer: Neighbour; stage: 'heard' | 'answered' | 'over'; at: number }
  /** The phone has begun or ended a hold of the other side. */
  | { fact: 'held'; on: boolean; at: number }
  /** Either side hangs up. A call in our application ends with this fact; any other call ends with `hung-up`. */
  | { fact: 'hanging-up'; cause: number | null; at: number }
  /** The channel is gone. `cause`: Q.850 cause; null if the PBX reports none. */
  | { fact: 'hung-up'; cause: number | null; at: number }

/** Where a channel is. */
export type Whereabouts =
  /** In our application. The rest as in an `Arrival`. */
  | ({ in: 'app' } & Omit<Arrival, 'at' | 'trunk' | 'channel'>)
  | { in: 'dialplan' }
  /** It is one of our whisper channels. */
  | { in: 'whisper' }
  /** It belongs to an ear of ours at this channel. */
  | { in: 'ear'; of: ChannelId }
  /** It is the channel of a trial of our application: it rings, or hears a draft. */
  | { in: 'trial' }
  /** In our application or subscribed by it; the PBX does not say which. */
  | { in: 'unknown' }

/** What a spy does. `switched`: the spy's keys change it, which the PBX does not report. */
export type SpyMode = 'listen' | 'whisper' | 'barge' | 'switched'

/** A channel that hears others without being in their conversation (`ChanSpy`). */
export interface Spying extends ShownChannel {
  channel: ChannelId
  mode: SpyMode
  /** The channels that it may hear, one at a time. The PBX does not report which one. */
  hears: readonly ChannelId[]
  /** If it is half of a `Local` channel, the other half. */
  half?: ChannelId
}

/** Dialplan applications of channels without a conversation, as far as the journal needs them. */
export interface DialplanUses {
  spies: readonly Spying[]
  /** Channels that the PBX asks for a message to a mailbox (`VoiceMail`). */
  inMailbox: readonly ChannelId[]
}

/** A channel that entered our application through `Stasis(APP,number)`. */
export interface Arrival {
  /** The dialled number, as the dialplan filtered it. */
  number: string
  /** The caller's number as the PBX reports it; personal data. */
  caller: string
  /** When it entered, by the PBX's clock, ms since the epoch. */
  at: number
  /** As the PBX names the channel, see `ShownChannel`. */
  name?: string
  /** The side that the dialplan states for the caller, see `ShownChannel`. */
  party?: KnownSide
  /** Whether an agent dialled the number, to consult a participant before a transfer. The agent then hears the prompts. */
  consults?: boolean
  /** Whether a customer was called. `caller` is then the customer's number, and `number` the line on which customers are asked. */
  outbound?: true
  /** The PBX endpoint over which the call came in, such as `PJSIP/carrier`; undefined if the PBX does not show it. */
  trunk?: string | undefined
  channel: CallChannel
}

/** A call that passed unasked while our application was away, as the PBX keeps it. It may be over. */
export interface PassedCall {
  channel: ChannelId
  arrival: Omit<Arrival, 'channel'>
}

/** Handles a prompt that was spoken into a phone. */
export interface PhoneTake {
  /** Language of the instructions to the person. */
  language: Language
  /** Rejects with `request.invalid` if the sound cannot be a prompt. */
  check(sound: Buffer): Promise<void>
  /** Saves the sound as a draft. @returns its version */
  keep(sound: Buffer): Promise<number>
}

/** Records the phone of an administrator, on the PBX. Each rejects with AppError `pbx.*`. */
export interface PhoneRecorder {
  /** Begins a recording, which replaces the one before. The key `#` ends it. The fact `recorded` follows. */
  start(limits: { maxSeconds: number; silenceSeconds: number }): Promise<void>
  /** Plays it back. Facts `playing` and `played` with this `id` follow. */
  play(id: string): Promise<void>
  /** The recording as WAV. */
  read(): Promise<Buffer>
  /** Removes it from the PBX, also if it is being made. */
  remove(): Promise<void>
}

/** The functions of the PBX for ringing a phone. */
export interface RingingPbx {
  /**
   * Rings a phone. If it is answered, its channel enters our application. Its end is reported in any case.
   *
   * @param line number of the line, which the phone shows
   * @param seconds how long it rings
   * @throws AppError `pbx.*`
   */
  ring(channel: ChannelId, endpoint: string, line: string, seconds: number): Promise<void>
  channel(channel: ChannelId): CallChannel
  /** Records what a phone says. For trials only. */
  recorder(channel: ChannelId): PhoneRecorder
}
