import { type Answer, type EventData, event } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import type { PurposePolicy, WithdrawalTerms } from '../shared/policy.js'
import type { EventSink, Grant } from '../shared/ports.js'
import { grantOf } from './grant.js'

/** How long an answer may take to be committed, ms; after that it counts as not given, for nobody waits in silence. */
export const COMMIT_TIMEOUT_MS = 500

/** One answer to one or more purposes, as it was given. */
export interface GivenAnswer {
  call: CallId
  purposes: readonly PurposePolicy[]
  answer: Answer
  method: EventData['consent.answered']['method']
  /** ms since the epoch */
  at: number
  /** From the question's start to the answer, ms; null when it was never asked. */
  afterMs: number | null
  /** How the caller was told to take it back. */
  terms: WithdrawalTerms
  reason?: string | undefined
  digit?: string | undefined
}

const answerEvents = (given: GivenAnswer) =>
  given.purposes.map(({ purpose, legalBasis, retentionDays }) => {
    const { answer, method, afterMs, reason, terms } = given
    const data = {
      purpose,
      answer,
      method,
      legalBasis,
      retentionDays,
      afterMs,
      withdrawal: terms,
      ...(reason ? { reason } : {}),
    }
    return event(
      'consent.answered',
      given.call,
      given.at,
      data,
      given.digit ? { digit: given.digit } : undefined,
    )
  })

/**
 * Commits an answer to the journal.
 *
 * @returns a grant for each purpose that may now be recorded; empty for every other answer
 * @throws AppError `journal.timeout`, `journal.refused`, `db.unavailable`: the answer does not count
 */
export async function commitAnswer(journal: EventSink, given: GivenAnswer): Promise<Grant[]> {
  const events = answerEvents(given)
  await journal.append(events, COMMIT_TIMEOUT_MS)
  return given.purposes.flatMap(({ purpose, retentionDays }, i) => {
    const committed = { purpose, answer: given.answer, event: events[i]!.id, retentionDays }
    return grantOf(given.call, committed) ?? []
  })
}

/** Enters an answer that nothing depends on, without waiting. */
export function noteAnswer(journal: EventSink, given: GivenAnswer): void {
  journal.note(...answerEvents(given))
}
