import { type CallEvent, event } from '../../../src/core/events.js'
import { type CallId, newCallId, newNodeId, newPartId, newRecordingId } from '../../../src/core/ids.js'
import { DISK } from '../../../src/core/part-location.js'
import type { WithdrawalTerms } from '../../../src/core/policy.js'

/** When each call of these events begins, ms since the epoch. */
export const STARTED = Date.UTC(2026, 0, 31, 9, 30)

/** How callers of these calls can withdraw. */
export const WITHDRAWAL: WithdrawalTerms = { keys: '*9', onWithdraw: 'destroy', language: 'ru' }

/** The service of these calls. */
export const SERVICE = newNodeId()

export const started = (call: CallId, caller = '+79001234567', at = STARTED): CallEvent =>
  event(
    'call.started',
    call,
    at,
    {
      ...{ line: '100', policy: 1, language: 'ru', mode: 'key', channel: 'pbx-1.1', utcOffset: '+03:00' },
      service: SERVICE,
    },
    { caller },
  )

export const asked = (call: CallId, attempt: number): CallEvent =>
  event('consent.asked', call, STARTED + attempt, { purpose: 'service', attempt })

export const answered = (
  call: CallId,
  answer: 'granted' | 'refused' | 'silent' | 'failed' | 'notice' = 'granted',
  purpose = 'service',
): CallEvent =>
  event(
    'consent.answered',
    call,
    STARTED + 9_000,
    {
      ...{ purpose, answer, method: 'key', legalBasis: 'consent', retentionDays: 30, afterMs: 1_200 },
      withdrawal: WITHDRAWAL,
    },
    { digit: '1' },
  )

export const prepared = (
  call: CallId,
  basis: CallEvent,
  purpose = 'service',
  recording = newRecordingId(),
): CallEvent =>
  event('recording.prepared', call, STARTED + 9_100, {
    recording,
    purpose,
    basis: basis.id,
    due: '2026-03-02',
    tap: 'a',
    service: SERVICE,
  })

/** The data of a container's first event, but for its names. */
export const partBegun = {
  location: DISK,
  chunks: 1,
  bytes: 8_192,
  hash: 'a9',
  beganAt: new Date(STARTED + 10_000).toISOString(),
  firstSample: 0,
}

/** All events of a call that was recorded in two parts. */
export function recordedCall(call = newCallId()) {
  const yes = answered(call)
  const recording = newRecordingId()
  const parts = [newPartId(), newPartId()] as const
  const at = (seconds: number) => STARTED + seconds * 1_000
  const partEnd = {
    ...{ chunks: 4, bytes: 65_536, hash: 'cd', hash512: 'ef', samples: 32_768, firstSample: 0 },
    complete: true,
  }
  const events: CallEvent[] = [
    started(call),
    event('call.answered', call, at(1), { line: '100', policy: 1 }),
    asked(call, 1),
    yes,
    event('call.decided', call, at(9), { decision: 'granted' }),
    prepared(call, yes, 'service', recording),
    event('call.released', call, at(10), { next: 'continue', tapped: true }),
    ...parts.flatMap((part, i) => [
      event('recording.part-started', call, at(11 + i), {
        recording,
        part,
        number: i + 1,
        object: `service/${part}.ctry`,
        ...partBegun,
      }),
      event('recording.progress', call, at(12 + i), {
        recording,
        part,
        chunks: 1,
        bytes: 16_384,
        hash: 'aa',
      }),
      event('recording.progress', call, at(12 + i), {
        recording,
        part,
        chunks: 2,
        bytes: 32_768,
        hash: 'ab',
      }),
      event('recording.part-ended', call, at(13 + i), { recording, part, ...partEnd }),
    ]),
    event('recording.gap', call, at(14), { recording, leg: 'agent', bytes: 100, reason: 'behind' }),
    event('recording.gap', call, at(14), { recording, leg: 'caller', bytes: 20, reason: 'behind' }),
    event('recording.finished', call, at(20), { recording, state: 'finished', seconds: 8.5 }),
    event('call.ended', call, at(20), { cause: 16, phase: 'released' }),
  ]
  return { call, yes, recording, parts, events }
}
