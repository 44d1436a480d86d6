import { event } from '../../core/events.js'
import { type CallId, newCallId } from '../../core/ids.js'
import type { Owner } from '../../core/owner.js'
import type { LinePolicy } from '../../core/policy.js'
import { callInDialplan } from '../machine/call-machine.js'
import type { CallChannel } from '../ports.js'
import { callStarted } from '../run/call-started.js'
import { runCall } from '../run/run-call.js'
import type { CallDeps, RunningCall } from '../run/running-call.js'

/** Why a call is in the dialplan from the beginning. */
const JOINED = 'joined'

/** An external participant who has joined a recorded call, and has no call of their own. */
export interface Outsider {
  channel: CallChannel
  /** The number as the PBX reports it; personal data. */
  caller: string
  /** The line of the recorded call. */
  line: LinePolicy
  recorded: CallId
}

/**
 * Begins a call for a participant who has not called a line, so that answers given in the conversation are journalled,
 * proved, found and withdrawn like any caller's. The call is in the dialplan from the beginning.
 */
export function followOutsider(
  { channel, caller, line, recorded }: Outsider,
  deps: CallDeps & { owner: Owner },
): RunningCall {
  const { journal, clock, owner } = deps
  const [id, at] = [newCallId(), clock.now()]
  journal.note(
    callStarted(id, at, { policy: line, channel: channel.id, caller, joined: recorded, owner }),
    event('call.released', id, at, { next: 'continue', tapped: false, reason: JOINED }),
  )
  return runCall(id, channel, callInDialplan(line, recorded), deps)
}
