import type { Answer, Decision } from '../shared/events.js'
import type { CallId, ChannelId } from '../shared/ids.js'
import type { TransferKind } from '../shared/party-events.js'
import type { Language, Purpose } from '../shared/policy.js'
import type { HeardChannel, TapOrders } from '../shared/ports.js'

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
} from '../shared/ports.js'

/** What the dialplan gets when a channel returns to it. */
export interface Outcome {
  call: CallId
  decision: Decision
  /** The tap's path prefix, if the call is to be recorded. */
  tap: string | null
  /** Path prefix of the tap that an earlier visit started and that still records the call; null if there is none. */
  recordedBy: string | null
  /** The answer to each purpose. A withdrawn yes is a no. */
  answers: readonly { purpose: Purpose; answer: Answer }[]
  /** Where the dialplan continues, as `context,extension,priority`; null for the step after the Gosub. */
  target: string | null
  /** Whether keys of an agent count also while nothing is recorded. */
  hearsAgentKeys: boolean
}

/** A whisper channel: it plays prompts that only one other channel hears. */
export interface Whisper {
  /** The id of the whisper channel. After each `close` it is another one. */
  readonly id: ChannelId
  /** As `play` of a `CallChannel`; opens the whisper channel first, and gives up when that is closed. Facts `playing` and `played` name the channel that hears it. */
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
   * Gives the PBX what the dialplan is to know of the outcome, before the channel returns with it. From then on, keys and the end of a
   * channel that is to be recorded are reported wherever it is.
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
  /** Whether the PBX records the channel with a MixMonitor that is not ours. If the PBX does not say, it does not. */
  recordedByPbx(): Promise<boolean>
  /** Has the PBX stop every MixMonitor of the channel that is not ours. Never rejects. @returns whether the PBX took the order */
  stopPbxRecordings(): Promise<boolean>
  /** The queue that the dialplan runs for the channel, its numbers masked; null if it runs none, or the PBX does not say. Never rejects. */
  queue(): Promise<string | null>
  /** The number of whoever is on the channel, as the PBX reports it; empty if it does not. Never rejects. */
  callerNumber(): Promise<string>
  /** How the caller on this channel came to a line while our application was not there; undefined if none did. Never rejects. */
  passedUnasked(): Promise<Omit<Arrival, 'channel'> | undefined>
  /** Whether the dialplan has started this tap on the channel. */
  startedTap(tap: string): Promise<boolean>
  readonly taps: TapOrders
  /** Whether the channel, which is in the dialplan, may have heard a sound before it was connected: `Dial` without music plays none. */
  heardMusic(): Promise<boolean>
  /** How many RTP packets the PBX has received on another channel; undefined if it does not say, as for a channel without RTP. Never rejects. */
  packetsFrom(peer: ChannelId): Promise<number | undefined>
  /** What RTP the PBX receives on these channels of PJSIP; without those of which it does not say so. Never rejects. */
  rtpOf(channels: readonly ChannelId[]): Promise<ReadonlyMap<ChannelId, RtpStream>>
  /**
   * Looks behind this channel, which is half of a `Local` channel, and has the PBX report whom the other half dials from then on. Never rejects.
   *
   * @param name its own
   * @returns undefined if the PBX does not say it, as where the other half has ended
   */
  behind(name: string): Promise<BehindLocal | undefined>
  /** Also has the PBX report the channel's end and the recordings that it begins while the channel is in the dialplan, whatever was answered. */
  follow(): Promise<void>
  /** Also reports the keys of this other channel from now on. */
  hearKeysOf(peer: ChannelId): Promise<void>
}

/** What is behind one half of a `Local` channel. */
export interface BehindLocal {
  /** The other half. */
  half: ChannelId
  /** Whom the dialplan dials for it, as channels of that endpoint would be shown; empty if it dials nobody. */
  dials: readonly ShownChannel[]
}

/** The RTP that the PBX receives on a channel (RFC 3550). */
export interface RtpStream {
  /** The SSRC of its sender. */
  source: number
  /** How many packets count as lost, by their sequence numbers. */
  lost: number
}

/** What the PBX shows of a channel by which it is known whether whoever is on it is of the company. */
export interface ShownChannel {
  /** As the PBX names it, such as `PJSIP/anna-0000002a`. It may have a telephone number, so it goes into no log and no event. */
  name: string
  /** The context of the dialplan in which it was when it first came into a conversation, or was dialled. */
  context?: string
  /** What the dialplan says of whoever is on it, by the variable `CONSENTRY_PARTY`. */
  party?: KnownSide
}

/** Whether somebody is of the company. */
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
   * The channel is in a conversation with exactly these others. Comes at once with each change: who joins, leaves, is parked, is transferred.
   * `name`: its own, see `ShownChannel`; absent if the PBX did not tell it. `place`: where it is, absent in a plain conversation and outside of any.
   */
  | { fact: 'with'; name?: string; peers: readonly Neighbour[]; place?: Place; at: number }
  /**
   * Somebody has transferred the channel. `by`: names of the channels of whoever did. `to`: name of the channel that it is with then; null if
   * the PBX does not say.
   */
  | { fact: 'transferred'; kind: TransferKind; by: readonly string[]; to: string | null; at: number }
  /** The dialplan dials somebody for the channel: who is heard before the answer, has answered, or has not and is dialled no more. */
  | { fact: 'dials'; peer: Neighbour; stage: 'heard' | 'answered' | 'over'; at: number }
  /** The phone has put the other side on hold, or takes it back. */
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

/** What somebody who spies on others does. `switched`: keys of the spy change it, which the PBX does not report. */
export type SpyMode = 'listen' | 'whisper' | 'barge' | 'switched'

/** Somebody who hears others without being in a conversation with them (`ChanSpy`). */
export interface Spying extends ShownChannel {
  channel: ChannelId
  mode: SpyMode
  /** The channels of which it hears one at a time. The PBX does not say which. */
  hears: readonly ChannelId[]
  /** If it is half of a `Local` channel, the other half. */
  half?: ChannelId
}

/** What the dialplan runs for channels that are in no conversation, so far as the journal is to have it. */
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
  /** What the dialplan says of the caller, see `ShownChannel`. */
  party?: KnownSide
  /** Whether an agent dialled the number, to consult somebody before a transfer. Whoever hears the prompts then is that agent. */
  consults?: boolean
  /** Whether this is a customer who was called. `caller` is the customer's number then, and `number` the line on which customers are asked. */
  outbound?: true
  /** The endpoint of the PBX over which the call came in, such as `PJSIP/carrier`; undefined if the PBX does not show it. */
  trunk?: string | undefined
  channel: CallChannel
}

/** A call that passed unasked while our application was not there, as the PBX keeps it. It may be over. */
export interface PassedCall {
  channel: ChannelId
  arrival: Omit<Arrival, 'channel'>
}

/** What becomes of a prompt that was spoken into a phone. */
export interface PhoneTake {
  /** In which language the person is told what to do. */
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

/** What ringing a phone needs of the PBX. */
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
  /** Records what a phone says: of trials alone. */
  recorder(channel: ChannelId): PhoneRecorder
}
