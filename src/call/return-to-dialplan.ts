import { codeOf, type ErrorCode } from '../shared/errors.js'
import type { Decision } from '../shared/events.js'
import { event } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import type { NextStep } from '../shared/policy.js'
import type { Fact } from './call-states.js'
import type { CallChannel, Outcome } from './ports.js'
import { stopLeftoverPlaybacks } from './prompt-ids.js'
import type { CallDeps } from './running-call.js'

/** Waits between attempts to give a channel back, ms; the last one repeats for as long as the PBX takes no orders. */
const RETRY_MS = [50, 200, 500, 1_000, 2_000]

interface Given {
  id: CallId
  next: NextStep
  decision: Decision
  /** The tap's path prefix, if the call is to be recorded. */
  tap: string | null
  recordedBy: Outcome['recordedBy']
  answers: Outcome['answers']
  /** An event or an answer about the channel was lost, so another application may have it by now. */
  doubtful: boolean
  /** Nobody waits for it any more. */
  dropped: AbortSignal
}

/** A channel on its way back to its dialplan. */
export interface DialplanReturn {
  /** The fact for the machine. After `overtaken` it means nothing. */
  readonly outcome: Promise<Fact>
  /** The channel has come back, so it was released: journals the release and stops giving orders. */
  overtaken(): void
}

/**
 * Gives a channel back to its dialplan with what was decided, or hangs it up. A caller must not stand in silence, so
 * this tries until the channel has gone on or is gone.
 */
export function returnToDialplan(
  channel: CallChannel,
  given: Given,
  { journal, log, clock, recorder }: CallDeps,
): DialplanReturn {
  const { id, next, decision, tap, recordedBy, answers, doubtful, dropped } = given
  const over = new AbortController()
  const ended = AbortSignal.any([dropped, over.signal])
  const target = next.do === 'transfer' ? `${next.context},${next.extension},${next.priority}` : null
  const released = (tapped: boolean, reason?: string): Fact => {
    const data = { next: next.do, tapped, ...(reason ? { reason } : {}) }
    if (!over.signal.aborted) journal.note(event('call.released', id, clock.now(), data))
    return { fact: 'returned' }
  }

  /** An order was given that may have got through. */
  let begun = false
  async function attempts(): Promise<Fact> {
    let failure: ErrorCode | undefined
    for (let attempt = 0; !ended.aborted; attempt += 1) {
      // What did not get through may also have been the order that ends a prompt, behind which the channel would wait.
      if (failure) void stopLeftoverPlaybacks(channel)
      try {
        // Another application may have the channel by now, and would lose it to our order.
        if (failure || doubtful) await channel.checkOurs()
        if (ended.aborted) break
        begun = true
        if (next.do === 'hangup') await channel.hangup()
        else
          await channel.returnToDialplan(
            { call: id, decision, tap, recordedBy, answers, target },
            over.signal,
          )
        return released(tap !== null)
      } catch (error) {
        const code = codeOf(error)
        // The order that would have started the tap was not given, or came when the channel had left.
        const unheard = error === over.signal.reason || (code === 'pbx.conflict' && !failure)
        if (tap && over.signal.aborted && unheard) void recorder.abandon(tap, 'left')
        if (ended.aborted) break
        if (code === 'pbx.gone') return { fact: 'hung-up', cause: null }
        if (code === 'pbx.conflict') {
          // It has left us: by an order of ours whose answer did not come, or by somebody else's, without a tap.
          if (failure) return released(tap !== null)
          if (tap) void recorder.abandon(tap, 'left')
          return released(false, 'left')
        }
        if (code !== failure) log.error({ call: id, code }, 'the channel cannot be given back, trying on')
        failure = code ?? 'pbx.refused'
      }
      await pause(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]!, clock, ended)
    }
    return { fact: 'returned' }
  }

  return {
    outcome: attempts(),
    overtaken() {
      if (begun) released(tap !== null)
      else released(false, 'left')
      if (tap && !begun) void recorder.abandon(tap, 'left')
      over.abort()
    },
  }
}

const pause = (ms: number, clock: Pick<CallDeps['clock'], 'after'>, ended: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (ended.aborted) return resolve()
    const over = () => {
      cancel()
      ended.removeEventListener('abort', over)
      resolve()
    }
    const cancel = clock.after(ms, over)
    ended.addEventListener('abort', over)
  })
