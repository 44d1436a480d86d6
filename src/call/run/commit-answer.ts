import { codeOf } from '../../core/errors.js'
import { type Answer, type EventData, event } from '../../core/events.js'
import type { CallId, EventId } from '../../core/ids.js'
import type { KeptAnswerPolicy, Purpose, PurposePolicy, WithdrawalTerms } from '../../core/policy.js'
import type { EventSink, Grant } from '../../core/ports.js'
import type { SpokenAnswer } from '../../core/speech.js'
import { evidenceOf } from '../../core/speech-events.js'
import type { ToldWords } from '../../core/told-words.js'
import { grantOf, keptAnswerGrant } from './grant.js'

/**
 * How long the commit of an answer may take, ms. The caller hears nothing meanwhile. After this time the answer does
 * not count. While the database is known to be away, the commit fails at once. A commit waits for two syncs at most,
 * and on a busy disk one sync takes up to half a second. Callers take a second of silence for a pause.
 */
export const COMMIT_TIMEOUT_MS = 1_000

/** One answer to one or more purposes. */
export interface GivenAnswer {
  call: CallId
  purposes: readonly PurposePolicy[]
  answer: Answer
  method: EventData['consent.answered']['method']
  /** ms since the epoch */
  at: number
  /** From the question's start to the answer, ms; null if the question was not asked. */
  afterMs: number | null
  /** How the caller can withdraw the answer, according to the disclosure. */
  terms: WithdrawalTerms
  reason?: string | undefined
  digit?: string | undefined
  spoken?: SpokenAnswer | undefined
  /** Time from the spoken yes to the key that confirms it, ms. */
  confirmedAfterMs?: number | undefined
  /** Whether the question came in the middle of a conversation. */
  inConversation?: boolean | undefined
  /** The purposes among these for which the caller had given a yes on another line. */
  again?: readonly Purpose[] | undefined
  /** The words that announced each purpose, in the order of `purposes`. */
  told?: readonly ToldWords[] | undefined
  /** How the spoken yes is kept; undefined if it is not kept, or its sound is not available. */
  keepAnswer?: KeptAnswerPolicy | undefined
}

/**
 * Why an answer failed. `notWritten`: the journal does not have the caller's answer. `unknown`: the journal may have
 * it.
 */
const REASONS = { notWritten: 'journal', unknown: 'journal-late' } as const

/** Enters the answers of one call in the journal. */
export interface CallAnswers {
  /**
   * Commits an answer.
   *
   * @returns a grant for each purpose that may now be recorded, and for the recording that keeps the spoken yes; empty
   *   for every other answer
   * @throws AppError `journal.timeout`, `journal.unwritten`, `journal.refused`, `db.unavailable`: the answer does not
   *   count
   */
  commit(given: GivenAnswer): Promise<{ grants: Grant[]; kept: Grant | undefined }>
  /**
   * Journals an answer that nothing depends on, without waiting. If an earlier answer to the same purpose may be in the
   * journal, the new answer names it in `replaces`.
   */
  note(given: GivenAnswer): void
}

/** Creates the `CallAnswers` of one call. */
export function createCallAnswers(journal: EventSink): CallAnswers {
  /** Answers whose commit timed out. They may be in the journal, before or after the answer that replaces them. */
  const unconfirmed = new Map<Purpose, EventId>()
  return {
    async commit(given) {
      const events = given.purposes.map((one, i) => answerEvent(given, one, { told: given.told?.[i] }))
      try {
        await journal.append(events, COMMIT_TIMEOUT_MS)
      } catch (error) {
        if (codeOf(error) === 'journal.timeout')
          given.purposes.forEach(({ purpose }, i) => void unconfirmed.set(purpose, events[i]!.id))
        throw error
      }
      const committed = given.purposes.map(({ purpose, retentionDays }, i) => ({
        ...{ purpose, answer: given.answer, event: events[i]!.id, retentionDays },
      }))
      const grants = committed.flatMap(one => grantOf(given.call, one) ?? [])
      const kept = given.keepAnswer && keptAnswerGrant(given.call, committed[0]!, given.keepAnswer)
      return { grants, kept }
    },
    note: given =>
      journal.note(
        ...given.purposes.map(one => answerEvent(given, one, { replaces: unconfirmed.get(one.purpose) })),
      ),
  }
}

const keptOn = ({ legalBasis, retentionDays }: KeptAnswerPolicy) => ({ legalBasis, retentionDays })

function answerEvent(
  given: GivenAnswer,
  { purpose, legalBasis, retentionDays }: PurposePolicy,
  { told, replaces }: { told?: ToldWords | undefined; replaces?: EventId | undefined },
) {
  const { call, at, answer, method, afterMs, terms, digit, spoken, confirmedAfterMs, keepAnswer } = given
  // Only this file knows that the journal may have the earlier answer. The reason given to `note` states the opposite.
  const reason = replaces && given.reason === REASONS.notWritten ? REASONS.unknown : given.reason
  const isAgain = !given.inConversation && given.again?.includes(purpose) === true
  const data = {
    purpose,
    answer,
    method,
    legalBasis,
    retentionDays,
    afterMs,
    withdrawal: terms,
    ...(told ? { told } : {}),
    ...(reason ? { reason } : {}),
    ...(replaces ? { replaces } : {}),
    ...(spoken ? { voice: evidenceOf(spoken) } : {}),
    ...(confirmedAfterMs === undefined ? {} : { confirmedBy: 'key' as const, confirmedAfterMs }),
    ...(given.inConversation || isAgain ? { inConversation: true as const } : {}),
    ...(isAgain ? { again: true as const } : {}),
    ...(keepAnswer ? { keepAnswer: keptOn(keepAnswer) } : {}),
  }
  const personal = { ...(digit ? { digit } : {}), ...(spoken?.words ? { words: spoken.words } : {}) }
  return event('consent.answered', call, at, data, Object.keys(personal).length > 0 ? personal : undefined)
}
