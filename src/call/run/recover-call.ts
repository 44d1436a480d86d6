import { asksCallers, type LinePolicy } from '../../core/policy.js'
import type { RecoveredCall } from '../../core/recovered-call.js'
import type { StorageGate } from '../../core/storage-gate.js'
import { logFault } from '../../lib/faults.js'
import { isOwn, isRecordable, unanswered } from '../machine/answers.js'
import { beginCall } from '../machine/call-machine.js'
import { withOrders } from '../machine/call-moves.js'
import type { CallState } from '../machine/call-states.js'
import { inLanguage } from '../machine/language-choice.js'
import { stillToHear } from '../machine/question.js'
import { RESTARTED } from '../machine/recovery-moves.js'
import type { CallChannel, Whereabouts } from '../ports.js'
import { grantOf } from './commit-answer.js'
import { runCall } from './run-call.js'
import type { CallDeps, RunningCall } from './running-call.js'

/** A caller is asked again only this long after the visit began, ms. A service that fails repeatedly must not hold callers. */
const ASK_AGAIN_WITHIN_MS = 60_000

export interface CallRecovery {
  call: RunningCall
  /**
   * Resumes a call that was not returned to the dialplan.
   * @param at where its channel is; undefined if the PBX does not answer
   */
  resume?(at: Whereabouts | undefined): Promise<void>
}

/**
 * Recovers a call. A call that was returned to the dialplan continues unchanged. Any other call waits for `resume`,
 * which gives the place of its channel. Its caller is asked further questions only if a yes could be recorded, as for a
 * new caller.
 *
 * @param lineNow the policy in force of a dialled number
 */
export function recoverCall(
  recovered: RecoveredCall,
  lineNow: (number: string) => LinePolicy,
  channel: CallChannel,
  deps: CallDeps & { gate: StorageGate },
): CallRecovery {
  const { id, line, answers, visitStartedAt, answered, decided, returned, cutAfterMs } = recovered
  const lineOf = (number: string) => inLanguage(lineNow(number), recovered.language)
  const { recorder, clock, gate } = deps
  const tap = (!returned && recovered.tap !== null && recorder.findTap(recovered.tap)) || null
  const grants = answers.flatMap(one => (one.elsewhere ? [] : (grantOf(id, one) ?? [])))
  // A separate object: no later visit has it, even to the same number.
  const goesOn = { ...lineOf(line ?? '') }
  /** The line on which the caller is asked further questions. A call from inside asks none. */
  const lineToAsk = (number: string): LinePolicy => {
    const policy = number === line ? goesOn : lineOf(number)
    return recovered.fromInside ? { ...policy, mode: 'none' } : policy
  }
  const first = withOrders(stateOf(recovered, goesOn, tap !== null, deps.prompts))
  const given = first.state.answers
  const covered = decided === null ? null : decided === given.length ? given : given.slice(0, decided)
  const waitingSince = returned ? undefined : deps.begunAt
  const known = { line: goesOn, decided: covered, grants, tap, waitingSince }
  const call = runCall(id, channel, first, deps, known)
  if (returned) return { call }

  /** The dialplan had the channel. @param tapped whether it also got the tap */
  const left = (tapped: boolean) => call.handleFact({ fact: tapped ? 'returned' : 'left' })

  function continueOn(number: string, unasked: string | undefined): void {
    const policy = lineToAsk(number)
    const late = clock.now() - visitStartedAt > ASK_AGAIN_WITHIN_MS
    // Another line or version may have another disclosure. A notice is always repeated, because a key that cut it was
    // an objection.
    const same = number === line && policy.version === recovered.policy && asksCallers(policy)
    const enough = cutAfterMs === null || stillToHear(policy, cutAfterMs) === 0
    const disclosed = recovered.disclosed && same && enough && isStillSaid(recovered.disclosure, policy, deps)
    call.handleFact({ fact: 'recovered', policy, answered, disclosed, late, unasked })
  }

  async function resume(at: Whereabouts | undefined): Promise<void> {
    const started = at?.in === 'dialplan' && tap !== null && (await channel.startedTap(tap))
    const purposes = at?.in === 'app' ? lineOf(at.number).purposes.map(({ purpose }) => purpose) : []
    const unasked = purposes.length > 0 ? await gate.storageAway(purposes) : undefined
    // A fault of the service, or the end of the call, may have come first.
    if (call.step !== 'interrupted') return
    if (at?.in === 'dialplan') return left(started)
    if (at?.in !== 'app') return call.handleFact({ fact: 'fault', reason: RESTARTED })
    // The service ended before it journalled a return. Another line or audio of the tap proves that the return had
    // happened.
    const hasAudio = tap !== null && recorder.hasAudio(tap)
    if (!hasAudio && (line === null || at.number === line)) return continueOn(at.number, unasked)
    left(hasAudio)
    call.handleFact({ fact: 're-entered', policy: lineToAsk(at.number), unasked })
  }

  return {
    call,
    // The caller waits in silence, and only this ends it.
    resume: at =>
      resume(at).catch(error => {
        logFault(deps.log, error, 'a recovered call is not resumed: it continues unrecorded', { call: id })
        call.handleFact({ fact: 'fault', reason: RESTARTED })
      }),
  }
}

/** Whether a line's disclosure is still the prompt, in the version, that its caller has heard. */
const isStillSaid = (
  heard: RecoveredCall['disclosure'],
  { language, disclosure }: LinePolicy,
  { prompts }: Pick<CallDeps, 'prompts'>,
): boolean => heard?.prompt === disclosure && heard.version === prompts.find(language, disclosure)?.version

function stateOf(
  { answers: given, returned, language: chosen, joined }: RecoveredCall,
  policy: LinePolicy,
  tapReady: boolean,
  prompts: CallState['prompts'],
): CallState {
  const answers = given.map(({ elsewhere, superseded, ...one }) => ({
    ...one,
    ...(elsewhere && { elsewhere: true as const }),
    ...(superseded && { superseded: true as const }),
  }))
  const fresh: CallState = { ...beginCall(policy).state, answers, chosen, joined }
  if (returned) return { ...fresh, step: 'talking', open: [] }
  // A yes whose recording was prepared before is not prepared again. A ready tap records every yes, so nothing is
  // prepared then.
  const isUnprepared = (one: (typeof answers)[number]) =>
    isOwn(one) && isRecordable(one) && !one.earlier && !one.recorded && !tapReady
  const unprepared = answers.filter(isUnprepared)
  return {
    ...fresh,
    step: 'interrupted',
    open: unanswered(policy, answers, prompts),
    unprepared: unprepared.map(({ purpose }) => purpose),
    tap: tapReady ? 'ready' : 'none',
  }
}
