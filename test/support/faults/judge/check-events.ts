import { overlap } from '../readiness.js'
import { eventsOf, type JudgedCall, mayRecord, type Violation } from './judged-call.js'

/** Events that a call has once, or once for each purpose, recording or part. */
const UNIQUE_BY: Record<string, (event: Record<string, unknown>) => unknown> = {
  'call.started': () => '',
  'call.ended': () => '',
  // An answer that was committed too late may stand beside the no that replaced it.
  'consent.answered': ({ purpose, answer, reason }) =>
    answer === 'failed' && (reason === 'journal' || reason === 'journal-late')
      ? `${purpose}, given up`
      : purpose,
  'recording.prepared': ({ purpose }) => purpose,
  'recording.part-started': ({ part }) => part,
  'recording.part-ended': ({ part }) => part,
  'recording.finished': ({ recording }) => recording,
  'recording.destroyed': ({ recording }) => recording,
}
/** Events that end a recording. */
const RECORDING_ENDS = ['recording.finished', 'recording.empty', 'recording.failed']

/** Every event is in the journal once. */
export const checkEvents = (judged: JudgedCall): Violation[] => [...findDoubled(judged), ...findLost(judged)]

function findDoubled(judged: JudgedCall): Violation[] {
  const found: Violation[] = []
  if (judged.calls.length > 1)
    found.push({ column: 'doubled', what: `${judged.calls.length} calls in the journal` })
  for (const { events } of judged.calls) {
    for (const [type, subject] of Object.entries(UNIQUE_BY)) {
      const told = events.filter(event => event.type === type).map(event => String(subject(event)))
      const twice = told.filter((one, i) => told.indexOf(one) !== i)
      for (const one of twice) found.push({ column: 'doubled', what: `${type} ${one}` })
    }
    const whole = events.map(event => JSON.stringify(event))
    const same = new Set(whole.filter((one, i) => whole.indexOf(one) !== i))
    for (const one of same) found.push({ column: 'doubled', what: one })
  }
  return found
}

function findLost(judged: JudgedCall): Violation[] {
  const { record, calls, unreliable } = judged
  const missing = (what: string): Violation => ({ column: 'lost', what })
  const [call] = calls
  if (!call) {
    // A caller who pressed a key has heard a prompt, so the service had the call.
    const served = record.presses.length > 0
    const arriving = { from: record.dialledAt, to: record.answeredAt ?? record.dialledAt + 1_000 }
    const excused = record.answeredAt === undefined || unreliable.some(span => overlap(span, arriving))
    return served || !excused ? [missing('the call: the journal does not know it')] : []
  }
  const found: Violation[] = []
  const has = (type: string) => call.events.some(event => event.type === type)
  if (!has('call.started')) found.push(missing('call.started'))
  // A shed call is decided with a reason, without an answer.
  const passed = call.events.some(({ type, reason }) => type === 'call.decided' && reason !== undefined)
  if (!has('consent.answered') && !passed)
    found.push(missing('the outcome: no purpose has one, nor a reason'))
  if (!has('call.decided')) found.push(missing('call.decided'))
  if (!has('call.ended') && !has('call.released') && !has('call.rescued')) found.push(missing('its end'))
  for (const { recording, purpose } of eventsOf(judged, 'recording.prepared')) {
    if (!call.events.some(event => RECORDING_ENDS.includes(event.type) && event['recording'] === recording))
      found.push(missing(`the end of recording ${recording} of ${purpose}`))
  }
  if (call.recordings.length > 0 && !has('call.ended')) found.push(missing('call.ended of a recorded call'))
  for (const { purpose, answer } of call.purposes) {
    const told = call.events.some(
      event =>
        (event.type === 'recording.prepared' || event.type === 'recording.failed') &&
        event['purpose'] === purpose,
    )
    const early = call.events.some(({ type, phase }) => type === 'call.ended' && phase !== 'talking')
    if (mayRecord(answer) && !told && !early)
      found.push(missing(`what became of the yes to ${purpose}: neither a recording nor a reason`))
  }
  return found
}
