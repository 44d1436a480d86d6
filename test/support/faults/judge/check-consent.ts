import { packetsSentBy } from '../callers/caller-record.js'
import { overlap } from '../readiness.js'
import { eventsOf, type JudgedCall, mayRecord, msOf, type Violation } from './judged-call.js'

/** Longest time from a key to its answer in the journal without a fault, ms, on a busy machine. */
const ANSWER_LIMIT_MS = 3_000
/** How much earlier than its key an answer may seem, ms. Phone and service have the same clock. */
const CLOCK_TOLERANCE_MS = 50

/** Nothing is recorded without consent, and no consent or withdrawal is lost. */
export function checkConsent(judged: JudgedCall): Violation[] {
  return [
    ...yesWithoutKey(judged),
    ...recordingWithoutYes(judged),
    ...lostYes(judged),
    ...lostWithdrawal(judged),
  ]
}

/** The journal has a yes only if the caller pressed the key before. */
function yesWithoutKey(judged: JudgedCall): Violation[] {
  if (judged.struck.some(({ fault }) => fault.misdates)) return []
  const yes = eventsOf(judged, 'consent.answered').filter(({ answer }) => answer === 'granted')
  const pressed = judged.record.presses.filter(({ key }) => key === '1').map(({ at }) => at)
  return yes
    .filter(event => !pressed.some(at => at - CLOCK_TOLERANCE_MS <= msOf(event)))
    .map(({ purpose }) => ({ column: 'unconsented', what: `a yes to ${purpose} that nobody pressed` }))
}

/** A recording is prepared only after the journal has a yes to its purpose, and has nothing said before the key. */
function recordingWithoutYes(judged: JudgedCall): Violation[] {
  const found: Violation[] = []
  for (const { events } of judged.calls) {
    for (const [i, { type, purpose, recording }] of events.entries()) {
      if (type !== 'recording.prepared') continue
      const before = events
        .slice(0, i)
        .findLast(event => event.type === 'consent.answered' && event['purpose'] === purpose)
      if (!mayRecord(before?.['answer']))
        found.push({
          column: 'unconsented',
          what: `recording ${recording} of ${purpose} without a yes before it`,
        })
    }
  }
  const yes = eventsOf(judged, 'consent.answered').filter(({ answer }) => mayRecord(answer))
  for (const { id, purpose, packets } of judged.recordings) {
    const answered = yes.find(event => event['purpose'] === purpose)
    if (!answered) {
      found.push({ column: 'unconsented', what: `recording ${id} of ${purpose}, to which there is no yes` })
      continue
    }
    const pressed = judged.record.presses.find(({ key }) => key === '1')?.at
    const before = packetsSentBy(judged.record, (pressed ?? judged.record.answeredAt ?? 0) - 500)
    const early = packets?.caller.filter(({ n }) => n < before - 10).length ?? 0
    if (early > 0)
      found.push({
        column: 'unconsented',
        what: `${early} packets said before the yes are in recording ${id}`,
      })
  }
  return found
}

/** Without a fault, a yes pressed in an open question becomes an answer. */
function lostYes(judged: JudgedCall): Violation[] {
  const { record, unreliable } = judged
  const answered = eventsOf(judged, 'consent.answered')
  return record.presses
    .filter(({ key, at }, i) => {
      if (key !== '1' || i > 0) return false
      const over = record.caller.endedAt ?? Infinity
      if (over < at + ANSWER_LIMIT_MS || record.agentAt! < at) return false
      if (unreliable.some(span => overlap(span, { from: record.dialledAt, to: at + ANSWER_LIMIT_MS })))
        return false
      return !answered.some(event => event['answer'] === 'granted')
    })
    .map(() => ({ column: 'lost', what: 'a yes that was pressed without a fault' }))
}

/** Without a fault, a withdrawal is journalled. A phone does not notice that its PBX was killed, and presses keys that nobody hears. */
function lostWithdrawal(judged: JudgedCall): Violation[] {
  const { withdrewAt } = judged.record
  if (withdrewAt === undefined || judged.record.agentAt === undefined) return []
  if (judged.struck.some(({ fault, from }) => fault.endsCalls && from < withdrewAt)) return []
  const span = { from: withdrewAt - 2_000, to: withdrewAt + ANSWER_LIMIT_MS }
  const granted = eventsOf(judged, 'consent.answered').some(({ answer }) => answer === 'granted')
  const over = judged.record.caller.endedAt ?? Infinity
  if (!granted || over < span.to || judged.unreliable.some(one => overlap(one, span))) return []
  if (eventsOf(judged, 'consent.withdrawn').length > 0) return []
  return [{ column: 'lost', what: 'a withdrawal that was pressed without a fault' }]
}
