import type { Clock } from '../../core/clock.js'
import { AppError, codeOf } from '../../core/errors.js'
import type { CallId, ChannelId } from '../../core/ids.js'
import type { LinePolicy } from '../../core/policy.js'
import type { Log } from '../../lib/log.js'
import type { CallState, Fact, Step } from '../machine/call-states.js'
import type { Standing } from '../parties/parties.js'
import type {
  CallChannel,
  CallMeter,
  ChannelFact,
  DurableEventSink,
  Ear,
  Grant,
  PromptBook,
  Recorder,
} from '../ports.js'
import type { InquiryRequest, NotAsked, OutsiderIn } from './inquiry-request.js'
import type { PauseSwitch } from './pause-switch.js'
import type { TapStartWatch } from './tap-start-watch.js'

/** Dependencies of every call. */
export interface CallDeps {
  journal: DurableEventSink
  prompts: PromptBook
  recorder: Recorder
  /** Hears what callers say. Without it, lines by voice ask for a key. */
  ear?: Ear
  /** Watches whether the dialplan starts the taps that it is given. */
  taps?: Pick<TapStartWatch, 'watch'>
  meter?: CallMeter
  /**
   * Called when the answers or the line of the call on a channel have changed, or when an ordered pause has ended.
   *
   * @param at ms since the epoch
   * @param agreed whether there is a new yes
   */
  onAgreed?(channel: ChannelId, at: number, agreed: boolean): void
  /** Called when an agent or a program has paused the recordings of the call on a channel. */
  onPause?(channel: ChannelId): void
  clock: Clock
  /**
   * When this process began, by the monotonic clock, ms. The callers of the previous service have heard nothing since.
   */
  begunAt?: number
  log: Log
}

/** Facts about a recovered call beside the state of its machine. */
export interface RecoveredState {
  /**
   * The line on which it continues, which may not be the caller's current one. Never a line of a later visit. Undefined
   * for any other call.
   */
  line?: LinePolicy
  /** The answers that the journalled decision covers; null without a decision. */
  decided: CallState['answers'] | null
  /** The grants of its committed answers. */
  grants: readonly Grant[]
  /** Path prefix of the tap that is ready for it. */
  tap: string | null
  /**
   * Since when its caller has waited for this service, by the monotonic clock, ms; undefined without a waiting caller,
   * or if unknown.
   */
  waitingSince?: number | undefined
}

/** The state of a call without an earlier service. */
export const notRecovered: RecoveredState = { decided: null, grants: [], tap: null }

/** Steps at which a call has no tap yet and may still get one. A call at one of them is undecided. */
export const UNDECIDED_STEPS: ReadonlySet<Step> = new Set([
  'interrupted',
  'apologising',
  'disclosing',
  'asking',
  'waiting',
  'committing',
])

/** A running call. */
export interface RunningCall {
  readonly id: CallId
  readonly channel: ChannelId
  readonly step: Step
  /** Handles a fact that the PBX reports about the call's channel. */
  handleChannelFact(fact: ChannelFact): void
  /** Handles a fact from inside the service, for example a fault or a re-entry. */
  handleFact(fact: Fact): void
  /** Its current standing. */
  readonly standing: Standing
  /** Whether a channel is the whisper channel through which the call speaks now. */
  speaksOn(channel: ChannelId): boolean
  readonly pauses: PauseSwitch
  /** What the PBX does for the channel while it is in the dialplan. */
  readonly pbx: Pick<
    CallChannel,
    'taps' | 'heardMusic' | 'packetsFrom' | 'recordedByPbx' | 'stopPbxRecordings' | 'queue' | 'follow'
  >
  /** Has the PBX report the keys of a channel that talks with the caller. @throws AppError `pbx.*` */
  hearKeysOf(peer: ChannelId): Promise<void>
  /** The line where the caller is now. */
  readonly line: LinePolicy
  /** How the person takes part in the recording of another call. */
  readonly outsider: OutsiderIn
  /** Asks the person in the conversation, on the terms of a line. @returns the reason if the person is not asked */
  ask(request: InquiryRequest): 'asked' | NotAsked
  /** Resolves when the current visit ends. Already resolved if the call is in the dialplan or over. */
  readonly visitEnded: Promise<void>
  /** Stops trying to return the channel, because the service ends. The keeper rescues the caller. */
  abandonReturn(): void
}

/**
 * Begins a visit: the time from a channel's arrival in our application until it leaves or ends. A call may have several visits.
 *
 * @returns `ended` resolves once `end` is called
 */
export function beginVisit(): { ended: Promise<void>; end(): void } {
  let end = () => {}
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  return { ended, end }
}

/** The fact that follows from a failed order to the channel. */
export const failedOrder = (error: unknown): Fact =>
  error instanceof AppError && error.endsCall
    ? { fact: 'hung-up', cause: null }
    : { fact: 'fault', reason: codeOf(error) ?? 'unknown' }
