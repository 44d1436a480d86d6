import { grantOf } from '../consent/grant.js'
import type { LinePolicy } from '../shared/policy.js'
import type { RecoveredCall } from '../shared/recovered-call.js'
import { begin } from './call-machine.js'
import { stay } from './call-moves.js'
import { type CallState, recordable } from './call-states.js'
import type { CallChannel, Whereabouts } from './ports.js'
import { runCall } from './run-call.js'
import type { CallDeps, RunningCall } from './running-call.js'

/** So long after it began, a call is not asked again, ms: a service that dies again and again must not keep callers. */
const PATIENCE_MS = 60_000
/** Why a call that was in question when the service ended may not be recorded. */
const RESTARTED = 'service-restarted'

export interface CallRecovery {
  call: RunningCall
  /** Of a call that was in question: where its channel is; undefined if the PBX does not say. */
  found?(at: Whereabouts | undefined): Promise<void>
}

/**
 * Takes up a call that an earlier service left. One that was given back is as it was; one that was in question waits until
 * it is known where its channel is.
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
  const call = runCall(id, channel, stay(stateOf(recovered, policy, tap !== null)), deps, {
    decided,
    grants,
    tap,
  })
  if (returned) return { call }
  // Another policy may have another disclosure.
  const disclosed = recovered.disclosed && recovered.policy === policy.version
  return {
    call,
    async found(at) {
      const late = deps.clock.now() - startedAt > PATIENCE_MS
      if (at?.in === 'app' && !late) call.tell({ fact: 'recovered', answered, disclosed })
      else if (at?.in !== 'dialplan') call.tell({ fact: 'fault', reason: RESTARTED })
      else if (tap && (await channel.startedTap(tap))) call.tell({ fact: 'returned' })
      else call.tell({ fact: 'left' })
    },
  }
}

function stateOf({ answers, returned }: RecoveredCall, policy: LinePolicy, tapReady: boolean): CallState {
  const fresh: CallState = { ...begin(policy).state, answers }
  if (returned) return { ...fresh, step: 'talking', open: [] }
  const asked = policy.mode === 'none' ? [] : policy.purposes
  // An answer carries one recording at most, and a call one tap: what is not in the tap that is ready had failed.
  const unrecorded = answers.filter(one => recordable(one) && !one.recorded && !tapReady)
  return {
    ...fresh,
    step: 'interrupted',
    open: asked.filter(({ purpose }) => !answers.some(done => done.purpose === purpose)),
    unprepared: unrecorded.map(({ purpose }) => purpose),
    tap: tapReady ? 'ready' : 'none',
  }
}
