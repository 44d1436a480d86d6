import { event } from '../../core/events.js'
import { newCallId } from '../../core/ids.js'
import type { Owner } from '../../core/owner.js'
import { FROM_INSIDE } from '../../core/party-events.js'
import type { LinePolicy } from '../../core/policy.js'
import { callInDialplan } from '../machine/call-machine.js'
import type { Arrival } from '../ports.js'
import { callStarted } from './call-started.js'
import { runCall } from './run-call.js'
import { type CallDeps, notRecovered, type RunningCall } from './running-call.js'

/** Why such a caller was not asked. */
const UNHEARD = 'pbx-unheard'

/**
 * Begins a call that is in the dialplan already: its caller came to a line while the PBX had no application of ours, as
 * in the first seconds after its start. It is journalled like any call that passes unasked, with the time at which its
 * channel was made.
 *
 * @param known whether the number is a line
 * @param inside whether a phone of the company dialled it
 */
export function followPassed(
  { number, caller, at, outbound, channel }: Arrival,
  { policy, known, inside }: { policy: LinePolicy; known: boolean; inside: boolean },
  deps: CallDeps & { owner: Owner },
): RunningCall {
  const { journal, clock, owner } = deps
  const [id, now] = [newCallId(), clock.now()]
  const dialled = known ? undefined : number
  const asks = policy.mode !== 'none'
  const reason = inside ? FROM_INSIDE : asks ? UNHEARD : 'line-not-recorded'
  const first = callInDialplan(policy, null)
  journal.note(
    callStarted(id, at, { policy, channel: channel.id, caller, dialled, outbound, owner }),
    ...(known ? [] : [event('call.unknown-line', id, at, {})]),
    event('call.decided', id, now, { decision: 'failed', reason }),
    event('call.released', id, now, { next: 'continue', tapped: false, reason: UNHEARD }),
  )
  // The channel's end is reported from now on. The next comparison finds an end that came before.
  channel.follow().catch(() => {})
  return runCall(id, channel, first, deps, { ...notRecovered, decided: first.state.answers })
}
