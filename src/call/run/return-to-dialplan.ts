import { AppError, codeOf, type ErrorCode } from '../../core/errors.js'
import type { Decision } from '../../core/events.js'
import { event } from '../../core/events.js'
import type { CallId } from '../../core/ids.js'
import type { NextStep } from '../../core/policy.js'
import { withDeadline } from '../../lib/deadline.js'
import { retry } from '../../lib/retry.js'
import type { Fact } from '../machine/call-states.js'
import type { CallChannel, Outcome } from '../ports.js'
import { stopLeftoverPlaybacks } from './prompt-player.js'
import type { CallDeps } from './running-call.js'

/** Waits between attempts to return a channel, ms. The last one repeats until the PBX accepts the order. */
const RETRY_MS = [50, 200, 500, 1_000, 2_000] as const

/** Extra time for the PBX to take the outcome once the channel must not wait any more, ms. It usually takes some ms. */
const LAST_TELLING_MS = 500

/** The outcome for the dialplan if the full one could not be sent. It starts no tap, and has no target. */
const reduced = (outcome: Outcome): Outcome => ({
  ...{ ...outcome, tap: null, target: null },
  ...{ answers: [], hearsAgentKeys: false },
})

const RETURNED: Fact = { fact: 'returned' }

interface ReturnRequest {
  id: CallId
  next: NextStep
  decision: Decision
  /** The tap's path prefix, if the call is to be recorded. */
  tap: string | null
  recordedBy: Outcome['recordedBy']
  answers: Outcome['answers']
  hearsAgentKeys: Outcome['hearsAgentKeys']
  /** An event or a reply about the channel was lost, so another application may have the channel. */
  mayBeElsewhere: boolean
  /** Aborted when the service ends. No further attempt follows. */
  abandoned: AbortSignal
  /**
   * Aborted when the channel must leave although the PBX does not take the outcome: its caller has heard nothing for
   * too long.
   */
  late: AbortSignal
}

/** A channel that is being returned to the dialplan. */
export interface DialplanReturn {
  /** Resolves with the fact for the machine. After `channelReentered`, ignore it. */
  readonly outcome: Promise<Fact>
  /** The channel re-entered, so it had left our application. Journals the return and stops the attempts. */
  channelReentered(): void
}

/**
 * Returns a channel to the dialplan with the outcome, or hangs it up. The caller hears nothing meanwhile, so this retries until
 * the channel has left or ended.
 */
export function returnToDialplan(
  channel: CallChannel,
  request: ReturnRequest,
  { journal, log, clock, recorder }: CallDeps,
): DialplanReturn {
  const { id, next, decision, tap, recordedBy, answers, hearsAgentKeys, mayBeElsewhere, abandoned, late } =
    request
  const reentered = new AbortController()
  const ended = AbortSignal.any([abandoned, reentered.signal])
  const target = next.do === 'transfer' ? `${next.context},${next.extension},${next.priority}` : null
  const journalReturn = (tapped: boolean, reason?: string, to: NextStep['do'] = next.do): Fact => {
    const data = { next: to, tapped, ...(reason ? { reason } : {}) }
    if (!reentered.signal.aborted) journal.note(event('call.released', id, clock.now(), data))
    return RETURNED
  }
  /** The channel has left by our last order. */
  function leftByOrder(): Fact {
    if (isTaken !== false) return journalReturn(tap !== null)
    log.error({ call: id }, 'the PBX did not take the outcome in time: the call continues unrecorded')
    if (tap) void recorder.abandon(tap, 'late')
    return journalReturn(false, 'late', 'continue')
  }

  /**
   * Sends the outcome.
   *
   * @returns false if the PBX has not taken it and the channel must not wait any more
   * @throws AppError `pbx.*` while the channel may wait
   */
  async function tell(outcome: Outcome): Promise<boolean> {
    try {
      await withDeadline(channel.tell(outcome), { clock, ms: LAST_TELLING_MS, from: late, error: notTaken })
      return true
    } catch (error) {
      if (late.aborted) return false
      throw error
    }
  }

  /** An order to leave was sent that may have succeeded. */
  let ordered = false
  /**
   * Whether the PBX has taken the outcome; undefined until that is decided. It is decided once: the PBX may execute any
   * of several return orders whose reply was lost, so all of them must carry the same outcome.
   */
  let isTaken: boolean | undefined
  /** The failure of the previous attempt. */
  let failure: ErrorCode | undefined
  /** @throws if another attempt must follow */
  async function attempt(): Promise<Fact> {
    // The order that stops the prompt may have failed too. The channel would wait for the prompt's end.
    if (failure) void stopLeftoverPlaybacks(channel)
    const orderedBefore = ordered
    try {
      // Another application may have the channel by now. Our order would take it away.
      if (failure || mayBeElsewhere) await channel.checkInApplication()
      if (ended.aborted) return RETURNED
      if (next.do === 'hangup') {
        ordered = true
        await channel.hangup()
      } else {
        const outcome = { call: id, decision, tap, recordedBy, answers, target, hearsAgentKeys }
        isTaken ??= await tell(outcome)
        reentered.signal.throwIfAborted()
        ordered = true
        await channel.returnToDialplan(isTaken ? outcome : reduced(outcome))
      }
      return leftByOrder()
    } catch (error) {
      const code = codeOf(error)
      // The channel did not leave by our order: the order was not sent, or the channel had left before it came.
      const notReturned = !orderedBefore && (error === reentered.signal.reason || code === 'pbx.conflict')
      if (tap && reentered.signal.aborted && notReturned) void recorder.abandon(tap, 'left')
      if (ended.aborted) return RETURNED
      if (code === 'pbx.gone') return { fact: 'hung-up', cause: null }
      if (code !== 'pbx.conflict') throw error
      // The channel has left. After an order that failed: by that order, whose reply was lost. Otherwise: by another
      // program's order.
      if (orderedBefore) return leftByOrder()
      if (tap) void recorder.abandon(tap, 'left')
      return journalReturn(false, 'left')
    }
  }

  function attemptFailed(error: unknown): void {
    const code = codeOf(error)
    if (code !== failure)
      log.error({ call: id, code }, 'the channel cannot be returned to the dialplan yet; retrying')
    failure = code ?? 'pbx.refused'
  }

  const outcome = retry(attempt, { clock, waitsMs: RETRY_MS, signal: ended, onFailure: attemptFailed })
  return {
    outcome: outcome.then(fact => fact ?? RETURNED),
    channelReentered() {
      if (ordered) leftByOrder()
      else journalReturn(false, 'left')
      if (tap && !ordered) void recorder.abandon(tap, 'left')
      reentered.abort()
    },
  }
}

const notTaken = () => new AppError('pbx.timeout', 'the PBX did not take the outcome in time')
