import type {
  Arrival,
  ChannelFact,
  DialplanUses,
  PassedCall,
  RingingPbx,
  Whereabouts,
} from '../call/ports.js'
import type { ChannelId } from '../core/ids.js'
import type { PbxExamination, PbxFacts } from '../core/pbx-facts.js'
import type { Beat } from './beat.js'
import type { BridgeSink } from './bridge-watch.js'
import type { PhoneOfProbe } from './phone-of-probe.js'
import type { AriAccess } from './transport/ari-transport.js'

/* The port of this room: its settings, its reports, and its functions for the other rooms. */

export interface TelephonySettings extends AriAccess {
  app: string
  /** The beat by which other services' keepers know that this service runs. */
  beat: Beat
}

/** Receives the PBX's reports. */
export interface TelephonySink extends BridgeSink {
  arrived(arrival: Arrival): void
  /** A fact about a channel. Channels without a call of ours are reported too. */
  fact(channel: ChannelId, fact: ChannelFact): void
  /**
   * The event socket is open.
   *
   * @param restarted the PBX was restarted since the last connection
   * @param started when the PBX was started, as it reports that; undefined if it does not
   */
  connected(restarted: boolean, started?: string): void
  /**
   * No events arrive until the next `connected`. Orders may still work.
   * @param unheardMs time since the last event, ms
   */
  lost(reason: string, unheardMs: number): void
}

export interface Telephony {
  readonly connected: boolean
  /** Number of connections so far. */
  readonly connections: number
  /**
   * Whether the PBX is heard, so that arriving callers are noticed. Also true while this service gets no callers: it
   * stops, or another process has taken over its application.
   */
  readonly hears: boolean
  /** Resolves at the first `connected`. Never resolves if `stopTakingCalls` is called before. */
  readonly reached: Promise<void>
  readonly counters: { events: number; ignored: number; garbled: number }
  /**
   * Resolves when all earlier reports of the PBX are handled.
   * @throws AppError `pbx.unavailable` at a loss before that
   */
  caughtUp(): Promise<void>
  /** Number of entries about channels. It is 0 without channels. */
  readonly remembered: number
  /** All channels of the PBX. */
  whereabouts(): Promise<Map<ChannelId, Whereabouts>>
  /** The channels that spy on others, and those in a mailbox. */
  dialplanUses(): Promise<DialplanUses>
  /** The channels that are in our application or subscribed by it, without whispers, ears and trials. */
  ownChannels(): Promise<ChannelId[]>
  /**
   * Compares the known bridges with those of the PBX, and reports the fact `with` for all channels. If the PBX has
   * refused the subscription to bridges, it is requested once more first.
   *
   * @throws AppError `pbx.*`, also while the PBX is not heard
   */
  reportBridges(): Promise<void>
  /** The latest calls that passed unasked. @throws AppError `pbx.*` */
  passedCalls(): Promise<PassedCall[]>
  channel(id: ChannelId): Arrival['channel']
  /** Rings a phone for a trial, see `RingingPbx`. */
  ring: RingingPbx['ring']
  /** What the PBX reports about itself, for installation. Never fails. */
  inspect(): Promise<PbxFacts>
  /** Everything that checks need. @throws AppError `pbx.*`, also while the PBX is away */
  examine(): Promise<PbxExamination>
  /** Has the PBX write into pipes, see `startProbe`. @returns whether the dialplan started @throws AppError `pbx.*` */
  probeTap(tap: string): Promise<boolean>
  /** Has a phone of ours speak into pipes, see `openPhoneOfProbe`. @throws AppError `pbx.*` */
  phoneOfProbe(tap: string): Promise<PhoneOfProbe>
  recorder: RingingPbx['recorder']
  /** Stops taking calls. The PBX continues new calls unrecorded. Orders to channels still work. */
  stopTakingCalls(): void
}
