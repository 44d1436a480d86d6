import { codeOf, type ErrorCode } from '../shared/errors.js'
import type { Decision } from '../shared/events.js'
import { event } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import type { NextStep } from '../shared/policy.js'
import type { Fact } from './call-states.js'
import type { CallLeg } from './ports.js'
import type { CallDeps } from './run-call.js'

/** Waits between attempts to give a channel back, ms. Beyond them the keeper's rescue is what is left. */
const RETRY_MS = [50, 200, 500, 1_000, 2_000]

/**
 * Gives a channel back to its dialplan with what was decided, or hangs it up.
 * @returns the fact that came of it
 */
export async function goOn(
  leg: CallLeg,
  { next, decision }: { next: NextStep; decision: Decision },
  { id, tap }: { id: CallId; tap: string | null },
  deps: CallDeps,
): Promise<Fact> {
  const target = next.do === 'transfer' ? `${next.context},${next.extension},${next.priority}` : null
  let lastCode: ErrorCode | undefined
  for (const wait of [0, ...RETRY_MS]) {
    if (wait > 0) await new Promise<void>(resolve => deps.clock.after(wait, resolve))
    try {
      if (next.do === 'hangup') await leg.hangup()
      else await leg.giveBack({ call: id, decision, tap, target })
      lastCode = undefined
      break
    } catch (error) {
      lastCode = codeOf(error)
      if (lastCode === 'pbx.gone') return { fact: 'hung-up', cause: 0 }
      if (lastCode === 'pbx.conflict') break // no longer in our hands: somebody sent it on already
      deps.log.error({ call: id, code: lastCode }, 'the channel could not be given back to the dialplan')
    }
  }
  const reason = lastCode ? { reason: lastCode } : {}
  const tapped = tap !== null && lastCode === undefined
  deps.journal.note(event('call.released', id, deps.clock.now(), { next: next.do, tapped, ...reason }))
  return { fact: 'released' }
}
