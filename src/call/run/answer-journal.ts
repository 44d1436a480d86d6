import { codeOf } from '../../core/errors.js'
import { type Decision, event } from '../../core/events.js'
import type { CallId } from '../../core/ids.js'
import { type KeptAnswerPolicy, keptAnswerOf, type LinePolicy, type Purpose } from '../../core/policy.js'
import { evidenceOf } from '../../core/speech-events.js'
import { waitAtMost } from '../../lib/deadline.js'
import { decisionOf } from '../machine/answers.js'
import type { Fact, Order, PurposeAnswer, Step } from '../machine/call-states.js'
import { termsOf } from '../machine/withdrawal.js'
import type { Grant } from '../ports.js'
import { createCallAnswers } from './commit-answer.js'
import type { Said } from './hear-answers.js'
import type { CallDeps } from './running-call.js'

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
    /** Journals the decision of an ended call, if there is none yet or if the visit that the end cut off changes it. */
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
