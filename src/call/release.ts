import { codeOf } from '../shared/errors.js'
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
 * Gives a channel back to its dialplan with what was decided, or hangs it up. The tap is named to the dialplan only
 * here, as the last thing before the channel goes.
 *
 * @returns the fact that came of it
 */
export async function goOn(
  leg: CallLeg,
  { next, decision }: { next: NextStep; decision: Decision },
  { id, tap }: { id: CallId; tap: string | null },
  deps: CallDeps,
): Promise<Fact> {
  const variables = {
    CONSENTRY_CALL: id,
    CONSENTRY_DECISION: decision,
    ...(tap ? { CONSENTRY_TAP: tap } : {}),
    ...(next.do === 'transfer'
      ? { CONSENTRY_TARGET: `${next.context},${next.extension},${next.priority}` }
      : {}),
  }
  let named = false
  for (let attempt = 0; ; attempt += 1) {
    try {
      if (next.do === 'hangup') await leg.hangup()
      else {
        await Promise.all([leg.setVariables(variables), tap ? leg.keepWatching() : undefined])
        named = tap !== null
        await leg.continueInDialplan()
      }
      break
    } catch (error) {
      const code = codeOf(error)
      if (code === 'pbx.gone') return { fact: 'hung-up', cause: 0 }
      if (code === 'pbx.conflict') break // no longer in our hands: somebody sent it on already
      const wait = RETRY_MS[attempt]
      deps.log.error({ call: id, code, attempt }, 'the channel could not be given back to the dialplan')
      if (wait === undefined) break
      await new Promise<void>(resolve => deps.clock.after(wait, resolve))
    }
  }
  deps.journal.note(event('call.released', id, deps.clock.now(), { next: next.do, tapped: named }))
  return { fact: 'released' }
}
