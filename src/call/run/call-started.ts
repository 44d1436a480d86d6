import { utcOffset } from '../../core/clock.js'
import { type CallEvent, event } from '../../core/events.js'
import type { CallId, ChannelId } from '../../core/ids.js'
import type { Owner } from '../../core/owner.js'
import type { LinePolicy } from '../../core/policy.js'
import { isProbeChannel } from '../../core/probe-call.js'

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
