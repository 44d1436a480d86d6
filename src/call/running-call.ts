import type { Clock } from '../shared/clock.js'
import type { CallId, ChannelId } from '../shared/ids.js'
import type { Log } from '../shared/log.js'
import type { Fact, Step } from './call-states.js'
import type { PauseSwitch } from './pause-switch.js'
import type { ChannelFact, DurableEventSink, Grant, PromptBook, Recorder } from './ports.js'
import type { TapStarts } from './tap-starts.js'

/** What every call needs of the house. */
export interface CallDeps {
  journal: DurableEventSink
  prompts: PromptBook
  recorder: Recorder
  /** Watches whether the dialplan starts the taps that it is given. */
  taps?: Pick<TapStarts, 'watch'>
  clock: Clock
  log: Log
}

/** What an earlier service left of a call. */
export interface RecoveredState {
  /** A decision on the answers that it begins with is journalled. */
  decided: boolean
  /** What its committed answers allow. */
  grants: readonly Grant[]
  /** The tap that is ready for it. */
  tap: string | null
}

/** One call under way: facts go in, orders come out. */
export interface RunningCall {
  readonly id: CallId
  readonly channel: ChannelId
  readonly step: Step
  /** What the PBX says of the call's channel. */
  hear(fact: ChannelFact): void
  /** What befalls the call from inside: a fault, the same channel coming back. */
  tell(fact: Fact): void
  /** Whether the caller has agreed to be recorded, and has not taken it back. */
  readonly recordable: boolean
  /** Whether a channel is one through which the call speaks now. */
  speaksOn(channel: ChannelId): boolean
  readonly pauses: PauseSwitch
  /** These have come to talk with the caller: their keys count as the agent's. */
  hearKeysOf(peers: readonly ChannelId[]): void
  /** Resolves when the call is next in the dialplan or over; at once if it is so now. */
  readonly visitOver: Promise<void>
  /** Stops trying to give the channel back: the service ends, and the keeper's rescue is what is left. */
  drop(): void
}

/**
 * Begins a visit: the time from a call's arrival in our application until it goes on or ends. A call may come back for another.
 *
 * @returns `over` resolves once `end` is called
 */
export function beginVisit(): { over: Promise<void>; end(): void } {
  let end = () => {}
  const over = new Promise<void>(resolve => {
    end = resolve
  })
  return { over, end }
}
