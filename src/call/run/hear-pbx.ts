import type { Clock } from '../../core/clock.js'
import { event } from '../../core/events.js'
import type { CallId, ChannelId } from '../../core/ids.js'
import { isTrialChannel } from '../../core/trial.js'
import type { Neighbours } from '../parties/neighbours.js'
import type { Arrival, ChannelFact, DurableEventSink } from '../ports.js'
import type { Calls } from './calls.js'
import type { Trials } from './trials.js'

export interface HearingDeps {
  calls: Pick<Calls, 'arrived' | 'handleChannelFact' | 'pbxLost' | 'callIdOf'> & {
    around: { neighbours: Pick<Neighbours, 'followed'> }
  }
  /** Receives facts about the channels of trials. */
  trials: Pick<Trials, 'arrived' | 'handleChannelFact' | 'failAll' | 'rescued'>
  /** Must know when the PBX may have died. */
  recorder: { pbxLost(): void; pbxBack(started?: string): void }
  journal: Pick<DurableEventSink, 'note'>
  clock: Pick<Clock, 'now'> & {
    /** The service's time at a moment of the PBX's clock. Both are ms since the epoch. */
    stamp(at: number): number
  }
  /** `check` must be called before this process acts on a report of the PBX. The timers of `clock` call it themselves. */
  stalls: { check(): void; clock: Pick<Clock, 'now' | 'after'> }
}

/**
 * Passes the PBX's reports to the calls and the recorder. Journals the times in which the PBX was not heard, and the
 * callers whom the keeper rescued. Undecided calls continue unrecorded when the PBX is no longer heard.
 */
export function hearPbx({ calls, trials, recorder, journal, clock, stalls }: HearingDeps) {
  let lostAt: number | null = null
  const callbacks: (() => void)[] = []
  return {
    /** Adds a callback for each time when the PBX can be heard, again or for the first time. */
    onConnected(callback: () => void): void {
      callbacks.push(callback)
    },
    arrived(arrival: Arrival): void {
      stalls.check()
      const to = isTrialChannel(arrival.channel.id) ? trials : calls
      to.arrived({ ...arrival, at: clock.stamp(arrival.at) })
    },
    fact(channel: ChannelId, fact: ChannelFact): void {
      stalls.check()
      const to = isTrialChannel(channel) ? trials : calls
      to.handleChannelFact(channel, { ...fact, at: clock.stamp(fact.at) })
    },
    bridgesFollowed(followed: boolean): void {
      calls.around.neighbours.followed = followed
    },
    connected(restarted: boolean, started?: string): void {
      const now = clock.now()
      if (lostAt !== null)
        journal.note(event('pbx.restored', null, now, { blindMs: now - lostAt, restarted }))
      lostAt = null
      recorder.pbxBack(started)
      for (const callback of callbacks) callback()
    },
    lost(reason: string, unheardMs: number): void {
      lostAt = clock.now()
      journal.note(event('pbx.lost', null, lostAt, { reason }))
      recorder.pbxLost()
      calls.pbxLost(lostAt - unheardMs)
      trials.failAll('pbx-lost')
    },
    /** The keeper returned a caller to the dialplan. */
    rescued(rescue: Rescue): void {
      const channel = rescue.channel as ChannelId
      if (isTrialChannel(channel)) trials.rescued(channel, rescue.at, rescue.reason)
      else noteRescue(rescue, channel => calls.callIdOf(channel), { journal, clock: stalls.clock })
    },
  }
}

/** A caller whom the keeper returned to the dialplan. */
interface Rescue {
  channel: string
  /** ms since the epoch */
  at: number
  reason: 'service-frozen' | 'service-gone'
}

/** The caller's arrival may be reported this much later than the rescue, ms. They come over different sockets. */
const ARRIVAL_LAG_MS = 2_000

/** Journals a rescue with its call, or without one if this service learns of no arrival within 2 s. */
function noteRescue(
  { channel, at, reason }: Rescue,
  idOf: (channel: ChannelId) => CallId | undefined,
  { journal, clock }: { journal: Pick<DurableEventSink, 'note'>; clock: Pick<Clock, 'after'> },
): void {
  const note = (call: CallId | null) =>
    journal.note(event('call.rescued', call, at, { by: 'keeper', reason, channel }))
  const known = idOf(channel as ChannelId)
  if (known) note(known)
  else clock.after(ARRIVAL_LAG_MS, () => note(idOf(channel as ChannelId) ?? null))
}
