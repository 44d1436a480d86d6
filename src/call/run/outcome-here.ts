import type { CallId } from '../../core/ids.js'
import { answersHere, decisionHere } from '../machine/answers.js'
import type { CallState } from '../machine/call-states.js'
import type { Agreed } from '../parties/parties.js'
import type { Outcome, Recorder } from '../ports.js'

/**
 * The outcome of a call for the dialplan, as it counts on the caller's current line. A running tap is named only if
 * something is recorded there.
 *
 * @param agreed what the caller's answers allow there
 * @param tap the tap to be started, if any
 */
export function outcomeHere(
  call: CallId,
  state: CallState,
  agreed: Agreed,
  tap: string | null,
  recorder: Pick<Recorder, 'recordedPurposes' | 'readyTap'>,
): Pick<Outcome, 'decision' | 'answers' | 'tap' | 'recordedBy'> {
  const isRecorded = recorder.recordedPurposes(call).some(purpose => agreed.has(purpose))
  return {
    ...{ decision: decisionHere(state), answers: answersHere(state), tap },
    recordedBy: tap === null && isRecorded ? (recorder.readyTap(call) ?? null) : null,
  }
}
