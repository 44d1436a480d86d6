import { type CommittedAnswer, grantOf } from '../consent/grant.js'
import type { CallId, ChannelId } from '../shared/ids.js'
import type { LinePolicy, WithdrawalTerms } from '../shared/policy.js'
import { begin } from './call-machine.js'
import { stay } from './call-moves.js'
import { type CallState, recordable } from './call-states.js'
import type { CallLeg, Whereabouts } from './ports.js'
import { runCall } from './run-call.js'
import type { CallDeps, RunningCall } from './running-call.js'

/** A call of an earlier process whose end is not known. */
export interface EarlierCall {
  id: CallId
  channel: ChannelId
  line: string | null
  /** Version of the line's policy under which it began. */
  policy: number
  /** ms since the epoch */
  startedAt: number
  /** `recorded`: there is a recording that rests on it. */
  settled: (CommittedAnswer & { recorded: boolean; terms?: WithdrawalTerms | undefined })[]
  answered: boolean
  /** A disclosure was heard, whole or up to the caller's own key. */
  disclosed: boolean
  /** The decision that rests on these answers is journalled. */
  decided: boolean
  /** It was given back to the dialplan; otherwise it was still in question. */
  released: boolean
}

/** So long after it began, a call is not asked again, ms: a service that dies again and again must not keep callers. */
const PATIENCE_MS = 60_000
/** Why a call that was in question when the service ended may not be recorded. */
const RESTARTED = 'service-restarted'

export interface TakenUp {
  call: RunningCall
  /** Of a call that was in question: where its channel is; undefined if the PBX does not say. */
  found?(at: Whereabouts | undefined): Promise<void>
}

/**
 * Takes up a call that an earlier service left. One that was given back is as it was; one that was in question waits until
 * it is known where its channel is.
 */
export function takeUp(earlier: EarlierCall, policy: LinePolicy, leg: CallLeg, deps: CallDeps): TakenUp {
  const { id, settled, startedAt, answered, decided, released } = earlier
  const tap = released ? null : (deps.recorder.readyTap(id) ?? null)
  const grants = settled.flatMap(one => grantOf(id, one) ?? [])
  const call = runCall(id, leg, stay(stateOf(earlier, policy, tap !== null)), deps, { decided, grants, tap })
  if (released) return { call }
  // Another policy may have another disclosure.
  const disclosed = earlier.disclosed && earlier.policy === policy.version
  return {
    call,
    async found(at) {
      const late = deps.clock.now() - startedAt > PATIENCE_MS
      if (at?.in === 'app' && !late) call.tell({ fact: 'resumed', answered, disclosed })
      else if (at?.in !== 'dialplan') call.tell({ fact: 'fault', reason: RESTARTED })
      else if (tap && (await leg.startedTap(tap))) call.tell({ fact: 'released' })
      else call.tell({ fact: 'left' })
    },
  }
}

function stateOf({ settled, released }: EarlierCall, policy: LinePolicy, tapReady: boolean): CallState {
  const fresh: CallState = { ...begin(policy).state, settled }
  if (released) return { ...fresh, step: 'talking', open: [] }
  const asked = policy.mode === 'none' ? [] : policy.purposes
  // An answer carries one recording at most, and a call one tap: what is not in the tap that is ready had failed.
  const unrecorded = settled.filter(one => recordable(one) && !one.recorded && !tapReady)
  return {
    ...fresh,
    step: 'interrupted',
    open: asked.filter(({ purpose }) => !settled.some(done => done.purpose === purpose)),
    unprepared: unrecorded.map(({ purpose }) => purpose),
    tap: tapReady ? 'ready' : 'none',
  }
}
