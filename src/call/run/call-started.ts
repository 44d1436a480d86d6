import { utcOffset } from '../../core/clock.js'
import { type CallEvent, event } from '../../core/events.js'
import { type CallId, type ChannelId, newCallId } from '../../core/ids.js'
import type { Owner } from '../../core/owner.js'
import { FROM_INSIDE } from '../../core/party-events.js'
import type { LinePolicy, NextStep } from '../../core/policy.js'
import { isProbeChannel } from '../../core/probe-call.js'
import { callInDialplan } from '../machine/call-machine.js'
import type { Arrival, CallChannel, LineBook } from '../ports.js'
import { runCall } from './run-call.js'
import { type CallDeps, notRecovered, type RunningCall } from './running-call.js'

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

/** Retention of the recording of a probe call, days. The purge after the next midnight (UTC) destroys it. */
const PROBE_DAYS = 1

const CONTINUE: NextStep = { do: 'continue' }

/**
 * The policy of a line for a probe call. Questions, prompts and recording are those of callers. But the recording is
 * kept for a day only, and after any answer the call continues after the Gosub, so that it rings no agent elsewhere.
 */
export const policyOfProbe = (line: LinePolicy): LinePolicy => ({
  ...line,
  purposes: line.purposes.map(one => ({ ...one, retentionDays: Math.min(one.retentionDays, PROBE_DAYS) })),
  ...{ onRefused: CONTINUE, onSilent: CONTINUE, onFailed: CONTINUE },
})

/** The policy for a dialled number. A number that belongs to no line is never recorded. */
export function policyFor(
  { lines, unknownLine }: { lines: Pick<LineBook, 'find'>; unknownLine(number: string): LinePolicy },
  number: string,
  channel: ChannelId,
): LinePolicy {
  const policy = lines.find(number) ?? unknownLine(number)
  return isProbeChannel(channel) ? policyOfProbe(policy) : policy
}
