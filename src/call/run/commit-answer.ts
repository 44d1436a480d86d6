import type { AnnouncedWords } from '../../core/announcement.js'
import type { RecordingBasis } from '../../core/basis.js'
import { codeOf } from '../../core/errors.js'
import { type Answer, type Decision, type EventData, event } from '../../core/events.js'
import type { CallId, EventId } from '../../core/ids.js'
import {
  KEPT_ANSWER_PURPOSE,
  type KeptAnswerPolicy,
  keptAnswerOf,
  type LinePolicy,
  type Purpose,
  type PurposePolicy,
  type WithdrawalTerms,
} from '../../core/policy.js'
import type { EventSink, Grant } from '../../core/ports.js'
import type { SpokenAnswer } from '../../core/speech.js'
import { evidenceOf } from '../../core/speech-events.js'
import { waitAtMost } from '../../lib/deadline.js'
import { decisionOf } from '../machine/answers.js'
import type { Fact, Order, PurposeAnswer, Step } from '../machine/call-states.js'
import { termsOf } from '../machine/withdrawal.js'
import type { Said } from './hear-answers.js'
import type { CallDeps } from './running-call.js'

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
  announced?: readonly AnnouncedWords[] | undefined
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
      const events = given.purposes.map((one, i) =>
        answerEvent(given, one, { announced: given.announced?.[i] }),
      )
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
  { announced, replaces }: { announced?: AnnouncedWords | undefined; replaces?: EventId | undefined },
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
    ...(announced ? { told: announced } : {}),
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

/** One purpose's committed answer. */
export interface CommittedAnswer {
  purpose: Purpose
  answer: Answer
  /** The `consent.answered` event. */
  event: EventId
  /** The retention that the disclosure named, days. */
  retentionDays: number
  /** The caller withdrew this yes. */
  withdrawn?: boolean
}

/**
 * Makes the grant for a committed answer. This file is the only place that makes a `RecordingBasis`.
 *
 * @returns undefined unless the answer is a yes, or the notice of a notice-only line, that is not withdrawn
 */
export function grantOf(call: CallId, committed: CommittedAnswer): Grant | undefined {
  const { purpose, answer: kind, event, retentionDays, withdrawn } = committed
  if ((kind !== 'granted' && kind !== 'notice') || withdrawn) return undefined
  const basis = { kind, call, purpose, event } as unknown as RecordingBasis
  return { purpose, basis, retentionDays }
}

/**
 * Makes the grant for the recording that holds the words of a committed spoken yes, on a line that keeps them.
 *
 * @returns undefined unless the answer is a yes
 */
export function keptAnswerGrant(
  call: CallId,
  { answer, event }: CommittedAnswer,
  { retentionDays }: KeptAnswerPolicy,
): Grant | undefined {
  if (answer !== 'granted') return undefined
  const basis = { kind: 'granted', call, purpose: KEPT_ANSWER_PURPOSE, event } as unknown as RecordingBasis
  return { purpose: KEPT_ANSWER_PURPOSE, basis, retentionDays }
}

/** How long the confirmation waits until the withdrawal is stored, ms. If the database hangs, the spool takes it after 4 s. */
const WITHDRAWAL_STORED_TIMEOUT_MS = 5_000

type OrderOf<O extends Order['order']> = Extract<Order, { order: O }>

export interface AnswerJournalDeps extends Pick<CallDeps, 'journal' | 'recorder' | 'clock' | 'log'> {
  call: CallId
  policy(): LinePolicy
  /** Moment of the fact that caused the orders, ms since the epoch. */
  factAt(): number
  /** When the question was asked, ms since the epoch; null if none is open. */
  askedAt(): number | null
  onFact(fact: Extract<Fact, { fact: 'committed' | 'commit-failed' }>): void
}

/**
 * Carries out the orders of one call that concern answers: commits answers, and journals input that did not count.
 *
 * @param recovered the grants of answers that an earlier service committed
 */
export function createAnswerJournal(deps: AnswerJournalDeps, recovered: readonly Grant[]) {
  const { call, journal, recorder, clock, log } = deps
  const answers = createCallAnswers(journal)
  const grants = new Map<Purpose, Grant>(recovered.map(grant => [grant.purpose, grant]))
  /** Number of the latest commit outside a conversation. The success of an earlier one is ignored. */
  let lastCommit = 0

  function given(order: OrderOf<'commit' | 'note'>, keepAnswer?: KeptAnswerPolicy) {
    const [at, askedAt] = [deps.factAt(), deps.askedAt()]
    return {
      ...{ call, purposes: order.purposes, answer: order.answer, at, reason: order.reason },
      afterMs: askedAt === null ? null : Math.max(0, Math.round(at - askedAt)),
      ...{ terms: order.inConversation ?? termsOf(deps.policy()), keepAnswer },
      ...(order.order === 'commit' ? order : { method: 'none' as const }),
      inConversation: order.inConversation !== undefined,
      again: order.again,
    }
  }

  return {
    /** @param said the yes whose words are kept if it is committed */
    async commit(order: OrderOf<'commit'>, said?: Said): Promise<void> {
      const keepAnswer = said && order.answer === 'granted' ? keptAnswerOf(deps.policy()) : undefined
      const line = deps.policy().number
      const aside = order.inConversation !== undefined
      if (!aside) lastCommit += 1
      const thisCommit = lastCommit
      try {
        const committed = await answers.commit(given(order, keepAnswer))
        // A recording rests on the first yes to its purpose. A later yes, on another line, is added beside it.
        for (const grant of committed.grants)
          if (!order.again?.includes(grant.purpose)) grants.set(grant.purpose, grant)
        if (said && committed.kept) {
          const keeps = order.purposes[0]!.purpose
          void recorder.keepAnswer({ call, line, keeps, grant: committed.kept, ...said })
        }
        if (aside || thisCommit === lastCommit) deps.onFact({ fact: 'committed', aside })
      } catch (error) {
        log.error({ call, code: codeOf(error) }, 'an answer could not be journalled and does not count')
        deps.onFact({ fact: 'commit-failed', purposes: order.purposes, aside })
      }
    },
    note: (order: OrderOf<'note'>): void => answers.note(given(order)),
    /** The grants of these purposes that are committed. */
    grantsOf: (purposes: readonly Purpose[]): Grant[] =>
      purposes.flatMap(purpose => grants.get(purpose) ?? []),
    /** Journals that these purposes are not recorded. */
    noteUnrecorded(purposes: readonly Purpose[], reason: string): void {
      const recorded = recorder.recordedPurposes(call)
      for (const purpose of purposes.filter(one => !recorded.includes(one)))
        journal.note(event('recording.failed', call, deps.factAt(), { recording: null, purpose, reason }))
    },
    /** Journals a withdrawal. Resolves when it is stored, or when that takes too long. */
    async withdrawn({ purposes, keep }: OrderOf<'withdraw'>): Promise<void> {
      const data = { purposes: [...purposes], keep }
      const stored = journal.noteDurably(event('consent.withdrawn', call, deps.factAt(), data))
      await waitAtMost(clock, WITHDRAWAL_STORED_TIMEOUT_MS, stored)
    },
    noteSpeech({ purpose, spoken, why }: OrderOf<'note-speech'>): void {
      // The words are not stored: they are not an answer, and may contain anything.
      const data = { purpose, why, voice: evidenceOf(spoken) }
      journal.note(event('speech.unsettled', call, deps.factAt(), data))
    },
    noteHearingLost({ order: _, ...lost }: OrderOf<'note-hearing-lost'>): void {
      journal.note(event('speech.lost', call, deps.factAt(), lost))
    },
  }
}

/**
 * Journals the decision that follows from a call's answers.
 *
 * @param decided the answers that the journalled decision covers; null without a decision
 */
export function createDecisions(
  { call, journal, factAt }: Pick<AnswerJournalDeps, 'call' | 'journal' | 'factAt'>,
  decided: readonly PurposeAnswer[] | null,
) {
  let covered = decided
  function note(decision: Decision, answers: readonly PurposeAnswer[], reason?: string): void {
    journal.note(event('call.decided', call, factAt(), { decision, ...(reason && { reason }) }))
    covered = answers
  }
  return {
    note,
    /** Journals the decision of an ended call, if it has none yet, or if the visit that the end cut off changes it. */
    noteAtEnd(decision: Decision, answers: readonly PurposeAnswer[], phase: Step): void {
      const isCutOff = phase !== 'talking' && phase !== 'releasing'
      if (covered === null || (isCutOff && decisionOf(covered) !== decision)) note(decision, answers)
    },
    /** Whether there is a decision. */
    get isMade() {
      return covered !== null
    },
    /** Whether the last decision was made with these answers. */
    covers: (answers: readonly PurposeAnswer[]): boolean => covered === answers,
  }
}
