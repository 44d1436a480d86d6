import { utcOffset } from '../../core/clock.js'
import { type CallEvent, event } from '../../core/events.js'
import { type CallId, type ChannelId, newCallId } from '../../core/ids.js'
import type { Owner } from '../../core/owner.js'
import type { LinePolicy } from '../../core/policy.js'
import { isProbeChannel } from '../../core/probe-call.js'
import { callInDialplan } from '../machine/call-machine.js'
import type { CallChannel } from '../ports.js'
import { runCall } from './run-call.js'
import type { CallDeps, RunningCall } from './running-call.js'

/** What the journal stores about the beginning of a call. */
export interface Beginning {
  policy: LinePolicy
  channel: ChannelId
  /** The number as the PBX reports it; personal data. */
  caller: string
  /** The dialled number, if it belongs to no line. */
  dialled?: string | undefined
  /** Whether a customer was called. */
  outbound?: true | undefined
  /** The recorded call that this person has joined without having been asked before. */
  joined?: CallId
  owner: Owner
}

/** The event with which the journal of a call begins. @param at ms since the epoch */
export function callStarted(id: CallId, at: number, begun: Beginning): CallEvent {
  const { policy, channel, caller, dialled, outbound, joined, owner } = begun
  const data = {
    line: dialled === undefined ? policy.number : null,
    policy: policy.version,
    language: policy.language,
    mode: policy.mode,
    channel,
    utcOffset: utcOffset(at),
    ...(isProbeChannel(channel) && { probe: true as const }),
    ...(outbound && { outbound }),
    ...(joined && { joined }),
    service: owner.service,
  }
  return event('call.started', id, at, data, { caller, ...(dialled !== undefined && { dialled }) })
}

/** Why a call is in the dialplan from the beginning. */
const JOINED = 'joined'

/** An external participant who has joined a recorded call, and has no call of their own. */
interface Outsider {
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
