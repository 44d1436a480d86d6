import { AppError, codeOf } from '../../core/errors.js'
import type { CallId } from '../../core/ids.js'
import type { HearingTerms, SpokenAnswer, SpokenSound } from '../../core/speech.js'
import { withDeadline } from '../../lib/deadline.js'
import type { Fact } from '../machine/call-states.js'
import type { Ear, EarEvent, HeardChannel, Hearing } from '../ports.js'
import type { CallDeps } from './running-call.js'

/**
 * How long an ear may take to open, ms. It usually takes 30 ms, while the caller hears the question. A later ear is
 * closed.
 */
const OPEN_TIMEOUT_MS = 3_000

export interface HearingDeps extends Pick<CallDeps, 'clock' | 'log'> {
  call: CallId
  channel: HeardChannel
  /** Undefined if the service has no ear. */
  ear: Ear | undefined
  onFact(fact: Extract<Fact, { fact: 'speaking' | 'spoken' | 'hearing-lost' }>): void
}

/** A spoken yes whose sound waits in memory for its commit. */
export interface Said {
  spoken: SpokenAnswer
  sound: SpokenSound
  /** When the engine decided, ms since the epoch. */
  at: number
}

/** A hearing that was ordered. */
interface Ordered {
  /** Undefined until the ear is open. */
  hearing?: Hearing
  /** When it opened, and when the prompt ended, by the monotonic clock, ms. */
  openedAt?: number
  promptEndedAt?: number
}

/**
 * Hears one caller, one question at a time. Facts come only from the latest hearing, and never while an order is
 * carried out. A loss is reported once.
 */
export function createAnswerHearing(deps: HearingDeps) {
  const { call, channel, ear, clock, log, onFact } = deps
  let current: Ordered | undefined
  /** The latest yes, on a line that keeps it. */
  let said: Said | undefined

  /** @param detail the missing setting, for people */
  function lose(one: Ordered, reason: string, detail?: string) {
    if (current !== one) return
    current = undefined
    one.hearing?.close()
    const lost = { reason, ...(detail !== undefined && { detail }) }
    log.warn({ call, ...lost }, 'an answer cannot be heard: the caller is asked for a key')
    onFact({ fact: 'hearing-lost', ...lost })
  }

  function take(one: Ordered, reported: EarEvent) {
    if (current !== one) return
    if (reported.event === 'lost') return lose(one, reported.reason)
    if (reported.event === 'speaking') return onFact({ fact: 'speaking' })
    const { answer: spoken, sound } = reported
    said = sound && { spoken, sound, at: clock.now() }
    const beganAt = (one.openedAt ?? clock.elapsed()) + spoken.beganMs
    const duringPrompt = one.promptEndedAt === undefined || beganAt < one.promptEndedAt
    onFact({ fact: 'spoken', spoken, at: clock.now(), duringPrompt })
  }

  async function open(one: Ordered, terms: HearingTerms) {
    try {
      // This keeps the next order from being delayed.
      await undefined
      if (!ear) return lose(one, 'no-ear')
      const hearing = await withDeadline(
        ear.open(channel, terms, reported => take(one, reported)),
        { clock, ms: OPEN_TIMEOUT_MS, error: openedTooLate, onLate: late => late.close() },
      )
      if (current !== one) return hearing.close()
      one.hearing = hearing
      one.openedAt = clock.elapsed()
      if (one.promptEndedAt !== undefined) hearing.promptEnded()
    } catch (error) {
      // Other messages may name a server or a path, and the caller may get the event in a receipt.
      const isSetting = error instanceof AppError && error.code === 'speech.not-set-up'
      lose(one, codeOf(error) ?? 'unknown', isSetting ? error.message : undefined)
    }
  }

  return {
    /** Begins to hear. Returns at once. */
    begin(terms: HearingTerms): void {
      const one: Ordered = {}
      current = one
      said = undefined
      void open(one, terms)
    },
    promptEnded(): void {
      if (!current) return
      current.promptEndedAt = clock.elapsed()
      current.hearing?.promptEnded()
    },
    /** The sound of this yes, if it is kept. It is discarded afterwards. */
    takeSaid(spoken: SpokenAnswer | undefined): Said | undefined {
      const last = said
      said = undefined
      return last?.spoken === spoken ? last : undefined
    },
    /** Ends the hearing, if there is one. */
    end(): void {
      const ended = current
      current = undefined
      ended?.hearing?.close()
    },
  }
}

const openedTooLate = () =>
  new AppError('speech.timeout', `the ear did not open within ${OPEN_TIMEOUT_MS} ms`)
