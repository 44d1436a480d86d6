// Real: the call machine, which is pure, and nine simulated callers. Fake: none.
// A line offers its callers a choice of language.
import t from 'tap'
import { beginCall } from '../../../../src/call/machine/call-machine.js'
import { termsOf } from '../../../../src/call/machine/withdrawal.js'
import { tryCallers } from '../../../../src/call/simulate/try-callers.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { committed, heard, key, prepared, run, runFrom, silence } from '../../../support/data/call-facts.js'
import { keyLine, offeringLine } from '../../../support/data/policies.js'

const earlierYes = {
  ...{ purpose: 'old', answer: 'granted' as const, terms: termsOf(offeringLine) },
  announced: { basis: 'consent', days: 30, asked: true },
}
const ofKind = (orders: { order: string }[], kind: string) => orders.filter(({ order }) => order === kind)
const offer = (language: string) => ({ order: 'offer-language', language, prompt: 'choose-language' })

t.test('each language is offered in turn, and silence means the line’s own', async t => {
  const { state, orders } = run(offeringLine, heard, heard)
  matchEach(t, orders, [{ order: 'answer' }, offer('ru'), offer('en'), { order: 'wait' }])
  t.equal(state.step, 'choosing')
  const after = runFrom(state, silence)
  matchEach(t, after.orders, [
    { order: 'note-language', language: 'en', how: 'silence' },
    { order: 'disclose', prompt: 'disclosure-key' },
  ])
  t.match(after.state, { step: 'disclosing', policy: { language: 'en' } })
})

t.test('a key chooses at once, and what follows is in that language', async t => {
  const { state, orders } = run(offeringLine, key('1'))
  matchEach(t, orders.slice(1), [
    offer('ru'),
    { order: 'stop-prompt' },
    { order: 'stop-waiting' },
    { order: 'note-language', language: 'ru', how: 'key' },
    { order: 'disclose' },
  ])
  t.match(state, { step: 'disclosing', policy: { language: 'ru' } })
  const answered = runFrom(state, heard, key('1'), committed, heard, prepared)
  matchEach(t, answered.state.answers, [{ answer: 'granted', terms: { language: 'ru' } }])
})

t.test('a key chooses also where other prompts play in full', async t => {
  t.match(run({ ...offeringLine, bargeIn: false }, key('1')).state, { policy: { language: 'ru' } })
})

t.test('any other key means the line’s own language, and is no answer', async t => {
  const { state, orders } = run(offeringLine, key('7'))
  matchEach(t, ofKind(orders, 'note-language'), [{ language: 'en', how: 'other-key' }])
  t.match(state, { step: 'disclosing', policy: { language: 'en' }, answers: [] })
})

t.test('whoever comes back hears the language that was chosen, and is not asked again', async t => {
  const chosen = run(offeringLine, key('1'), heard, key('1'), committed, heard, prepared, {
    fact: 'returned',
  })
  const other = { ...offeringLine, number: '200', purposes: [{ ...keyLine.purposes[0]!, purpose: 'other' }] }
  const again = runFrom(chosen.state, { fact: 're-entered', policy: other })
  t.match(again.state, { step: 'disclosing', policy: { number: '200', language: 'ru' } })
  t.strictSame(ofKind(again.orders, 'offer-language'), [])
  const { languages: _, ...without } = other
  const alone = runFrom(chosen.state, { fact: 're-entered', policy: without })
  t.match(alone.state.policy, { language: 'en' }, 'a line that does not offer it speaks its own')
})

t.test('a withdrawal of an earlier yes may begin while languages are offered', async t => {
  const earlier = {
    ...beginCall(offeringLine).state,
    answers: [earlierYes],
  }
  const { state, orders } = runFrom(earlier, key('*'), key('9'))
  matchEach(t, state.answers, [{ withdrawn: true }])
  matchEach(t, orders, [{ order: 'withdraw' }, { order: 'whisper' }])
  t.equal(state.step, 'choosing')
})

t.test('the choice costs a caller who presses at once the time to the key', async t => {
  const lengthOf = () => 1_500
  const leftAt = (line: typeof keyLine) =>
    new Map(tryCallers(line, lengthOf).map(({ caller, leftAt }) => [caller, leftAt!]))
  const [plain, offered] = [leftAt(keyLine), leftAt(offeringLine)]
  t.equal(offered.get('yes-at-once')! - plain.get('yes-at-once')!, 500, 'as long as until the key')
  t.equal(offered.get('silent')! - plain.get('silent')!, 2 * 1_500 + 2_500, 'both offers, and the wait')
})
