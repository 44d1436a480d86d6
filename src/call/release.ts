import { codeOf, type ErrorCode } from '../shared/errors.js'
import type { Decision } from '../shared/events.js'
import { event } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import type { NextStep } from '../shared/policy.js'
import type { Fact } from './call-states.js'
import type { CallLeg } from './ports.js'
import { silence } from './prompt-ids.js'
import type { CallDeps } from './running-call.js'

/** Waits between attempts to give a channel back, ms; the last one repeats for as long as the PBX takes no orders. */
const RETRY_MS = [50, 200, 500, 1_000, 2_000]

interface Release {
  id: CallId
  /** The tap's path prefix, if the call is to be recorded. */
  tap: string | null
  /** Nobody waits for it any more. */
  dropped: AbortSignal
}

/**
 * Gives a channel back to its dialplan with what was decided, or hangs it up. A caller must not stand in silence, so
 * this tries until the channel has gone on or is gone.
 *
 * @returns the fact that came of it
 */
export async function goOn(
  leg: CallLeg,
  { next, decision }: { next: NextStep; decision: Decision },
  { id, tap, dropped }: Release,
  deps: CallDeps,
): Promise<Fact> {
  const { journal, log, clock, recorder } = deps
  const target = next.do === 'transfer' ? `${next.context},${next.extension},${next.priority}` : null
  const released = (tapped: boolean, reason?: string): Fact => {
    const data = { next: next.do, tapped, ...(reason ? { reason } : {}) }
    journal.note(event('call.released', id, clock.now(), data))
    return { fact: 'released' }
  }
  let failure: ErrorCode | undefined
  for (let attempt = 0; !dropped.aborted; attempt += 1) {
    // What did not get through may also have been the order that ends a prompt, behind which the channel would wait.
    if (failure) void silence(leg)
    try {
      if (next.do === 'hangup') await leg.hangup()
      else await leg.giveBack({ call: id, decision, tap, target })
      return released(tap !== null)
    } catch (error) {
      const code = codeOf(error)
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
    await pause(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]!, clock, dropped)
  }
  return { fact: 'released' }
}

const pause = (ms: number, clock: Pick<CallDeps['clock'], 'after'>, dropped: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const cancel = clock.after(ms, resolve)
    dropped.addEventListener('abort', () => {
      cancel()
      resolve()
    })
  })
