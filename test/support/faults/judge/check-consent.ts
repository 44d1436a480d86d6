import { sentBy } from '../callers/account.js'
import { overlap } from '../readiness.js'
import { type Case, eventsOf, mayRecord, msOf, type Violation } from './judged-call.js'

/** From a key to its answer in the journal when all is well, ms; a busy machine included. */
const ANSWER_MS = 3_000
/** The clocks of phone and service are one, but a key is noted a little before it has gone out, ms. */
const AHEAD_MS = 50

/** Nothing is recorded that was not agreed to, and no consent that was given is lost. */
export function checkConsent(of: Case): Violation[] {
  return [...unpressed(of), ...unfounded(of), ...unheard(of), ...unconfirmed(of)]
}

/** A yes by key stands in the journal only if the caller pressed that key before. */
function unpressed(of: Case): Violation[] {
  if (of.struck.some(({ fault }) => fault.misdates)) return []
  const yes = eventsOf(of, 'consent.answered').filter(({ answer }) => answer === 'granted')
  const pressed = of.account.presses.filter(({ key }) => key === '1').map(({ at }) => at)
  return yes
    .filter(event => !pressed.some(at => at - AHEAD_MS <= msOf(event)))
    .map(({ purpose }) => ({ column: 'unconsented', what: `a yes to ${purpose} that nobody pressed` }))
}

/** A recording is prepared only after the journal has a yes to its purpose, and holds nothing said before the key. */
function unfounded(of: Case): Violation[] {
  const found: Violation[] = []
  for (const { events } of of.calls) {
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
  const yes = eventsOf(of, 'consent.answered').filter(({ answer }) => mayRecord(answer))
  for (const { id, purpose, said } of of.recordings) {
    const answered = yes.find(event => event['purpose'] === purpose)
    if (!answered) {
      found.push({ column: 'unconsented', what: `recording ${id} of ${purpose}, to which there is no yes` })
      continue
    }
    const pressed = of.account.presses.find(({ key }) => key === '1')?.at
    const before = sentBy(of.account, (pressed ?? of.account.answeredAt ?? 0) - 500)
    const early = said?.caller.filter(({ n }) => n < before - 10).length ?? 0
    if (early > 0)
      found.push({
        column: 'unconsented',
        what: `${early} packets said before the yes are in recording ${id}`,
      })
  }
  return found
}

/** While all was well, a yes that was pressed into an open question became an answer. */
function unheard(of: Case): Violation[] {
  const { account, deaf } = of
  const answered = eventsOf(of, 'consent.answered')
  return account.presses
    .filter(({ key, at }, i) => {
      if (key !== '1' || i > 0) return false
      const over = account.caller.endedAt ?? Infinity
      if (over < at + ANSWER_MS || account.agentAt! < at) return false
      if (deaf.some(span => overlap(span, { from: account.dialledAt, to: at + ANSWER_MS }))) return false
      return !answered.some(event => event['answer'] === 'granted')
    })
    .map(() => ({ column: 'lost', what: 'a yes that was pressed while all was well' }))
}

/** Whoever takes a yes back while all is well is heard. */
function unconfirmed(of: Case): Violation[] {
  const { withdrewAt } = of.account
  if (withdrewAt === undefined || of.account.agentAt === undefined) return []
  const span = { from: withdrewAt - 2_000, to: withdrewAt + ANSWER_MS }
  const granted = eventsOf(of, 'consent.answered').some(({ answer }) => answer === 'granted')
  const over = of.account.caller.endedAt ?? Infinity
  if (!granted || over < span.to || of.deaf.some(one => overlap(one, span))) return []
  if (eventsOf(of, 'consent.withdrawn').length > 0) return []
  return [{ column: 'lost', what: 'a withdrawal that was pressed while all was well' }]
}
