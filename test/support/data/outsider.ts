import { type CallEvent, event } from '../../../src/core/events.js'
import { type CallId, newCallId } from '../../../src/core/ids.js'
import { started, WITHDRAWAL } from './call-events.js'

/**
 * The events of somebody who joined a recorded call without a call of their own, was asked, agreed, and left.
 *
 * @param recorded the call that they joined
 * @param begun when they joined, ms since the epoch: they agreed 1 s later and left 3 s later
 * @returns `call`: the call that was journalled for them
 */
export function agreedOutsider(
  recorded: CallId,
  number: string,
  begun: number,
): { call: CallId; events: CallEvent[] } {
  const call = newCallId()
  const answer = {
    purpose: 'service',
    answer: 'granted',
    method: 'key',
    legalBasis: 'consent',
    retentionDays: 30,
    afterMs: 900,
    inConversation: true,
    withdrawal: WITHDRAWAL,
  } as const
  const events = [
    event('call.party-joined', recorded, begun, { party: null, agreed: false }),
    started(call, number, begun + 100),
    event('call.party-asked', recorded, begun + 200, { party: call }),
    event('consent.answered', call, begun + 900, answer, { digit: '1' }),
    event('call.decided', call, begun + 950, { decision: 'granted', reason: 'in-conversation' }),
    event('call.party-agreed', recorded, begun + 1_000, { party: call }),
    event('call.party-left', recorded, begun + 3_000, { party: call }),
    event('call.ended', call, begun + 3_100, { cause: 16, phase: 'talking' }),
  ]
  return { call, events }
}

/** The person of a call takes the yes back. @param at ms since the epoch */
export const withdrew = (call: CallId, at: number, keep = false): CallEvent =>
  event('consent.withdrawn', call, at, { purposes: ['service'], keep })
