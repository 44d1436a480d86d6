import { grantOf } from '../consent/grant.js'
import type { LinePolicy } from '../shared/policy.js'
import type { RecoveredCall } from '../shared/recovered-call.js'
import { beginCall } from './call-machine.js'
import { withOrders } from './call-moves.js'
import { type CallState, isRecordable } from './call-states.js'
import type { CallChannel, Whereabouts } from './ports.js'
import { runCall } from './run-call.js'
import type { CallDeps, RunningCall } from './running-call.js'

/** A recovered call is asked again only this long after its start, ms. A service that fails repeatedly must not hold callers. */
const ASK_AGAIN_WITHIN_MS = 60_000
/** The reason in the journal when a recovered call cannot be asked again. */
const RESTARTED = 'service-restarted'

export interface CallRecovery {
  call: RunningCall
  /** Resumes a call that was not returned to the dialplan. @param at where its channel is; undefined if the PBX does not say */
  resume?(at: Whereabouts | undefined): Promise<void>
}

/**
 * Recovers a call. A call that was returned to the dialplan continues unchanged. Any other call waits for `resume`, which says
 * where its channel is.
 */
export function recoverCall(
  recovered: RecoveredCall,
  policy: LinePolicy,
  channel: CallChannel,
  deps: CallDeps,
): CallRecovery {
  const { id, answers, startedAt, answered, decided, returned } = recovered
  const tap = returned ? null : (deps.recorder.readyTap(id) ?? null)
  const grants = answers.flatMap(one => grantOf(id, one) ?? [])
  const call = runCall(id, channel, withOrders(stateOf(recovered, policy, tap !== null)), deps, {
    decided,
    grants,
    tap,
  })
  if (returned) return { call }
  // Another version of the policy may have another disclosure. A notice is repeated in any case: a key that cut it was an objection.
  const disclosed = recovered.disclosed && recovered.policy === policy.version && policy.mode === 'key'
  return {
    call,
    async resume(at) {
      const late = deps.clock.now() - startedAt > ASK_AGAIN_WITHIN_MS
      if (at?.in === 'app' && !late) call.handleFact({ fact: 'recovered', answered, disclosed })
      else if (at?.in !== 'dialplan') call.handleFact({ fact: 'fault', reason: RESTARTED })
      else if (tap && (await channel.startedTap(tap))) call.handleFact({ fact: 'returned' })
      else call.handleFact({ fact: 'left' })
    },
  }
}

function stateOf({ answers, returned }: RecoveredCall, policy: LinePolicy, tapReady: boolean): CallState {
  const fresh: CallState = { ...beginCall(policy).state, answers }
  if (returned) return { ...fresh, step: 'talking', open: [] }
  const asked = policy.mode === 'none' ? [] : policy.purposes
  // A yes whose recording was prepared before is not prepared again. With a ready tap nothing is: that tap records every yes.
  const unprepared = answers.filter(one => isRecordable(one) && !one.recorded && !tapReady)
  return {
    ...fresh,
    step: 'interrupted',
    open: asked.filter(({ purpose }) => !answers.some(done => done.purpose === purpose)),
    unprepared: unprepared.map(({ purpose }) => purpose),
    tap: tapReady ? 'ready' : 'none',
  }
}
