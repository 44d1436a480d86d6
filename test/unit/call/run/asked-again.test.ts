// Real: the call machine, and what may be recorded, which are pure. Fake: none.
import t from 'tap'
import { answersHere, decisionHere, decisionOf, unanswered } from '../../../../src/call/machine/answers.js'
import { beginCall } from '../../../../src/call/machine/call-machine.js'
import type { CallState, Fact } from '../../../../src/call/machine/call-states.js'
import { agreedOn } from '../../../../src/call/parties/parties.js'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { committed, heard, key, prepared, promptsOf, runFrom } from '../../../support/data/call-facts.js'
import { keyLine, noticeLine, twoPurposes } from '../../../support/data/policies.js'

const [service] = keyLine.purposes as [LinePolicy['purposes'][number]]
const otherBasis: LinePolicy = {
  ...keyLine,
  number: '200',
  purposes: [{ ...service, legalBasis: 'contract' }],
}
const otherWords: LinePolicy = { ...twoPurposes, number: '300', disclosure: 'disclosure-purposes' }
const none: LinePolicy = { ...keyLine, number: '109', mode: 'none', purposes: [] }
const to = (policy: LinePolicy, unasked?: string): Fact => ({ fact: 're-entered', policy, unasked })
const returned: Fact = { fact: 'returned' }
const yes = [heard, key('1'), committed]
const no = [heard, key('2'), committed]
const notice = [heard, committed]

/** The state of a call after a yes on the first line. */
function agreed(policy = keyLine): CallState {
  const first = { ...beginCall(policy).state, prompts: promptsOf(1) }
  return runFrom(first, ...(policy.mode === 'notice' ? notice : yes), prepared, heard, returned).state
}
const again = (state: CallState, policy: LinePolicy, ...facts: Fact[]) => runFrom(state, to(policy), ...facts)
const openIn = ({ open }: CallState) => open.map(({ purpose }) => purpose)

t.test('a yes that does not hold on the next line is asked for again there', async t => {
  const shorter = { ...keyLine, purposes: [{ ...service, retentionDays: 7 }] }
  const longer = { ...keyLine, purposes: [{ ...service, retentionDays: 60 }] }
  const first = agreed()
  t.strictSame(openIn(again(first, keyLine).state), [])
  t.strictSame(openIn(again(first, shorter).state), [])
  t.strictSame(openIn(again(first, none).state), [])
  t.strictSame(openIn(again(first, longer).state), ['service'])
  t.strictSame(openIn(again(first, otherBasis).state), ['service'])
  t.strictSame(openIn(again(first, otherWords).state), ['service', 'marketing'])
  t.strictSame(openIn(again(first, twoPurposes).state), ['marketing'])
  t.strictSame(openIn(again(agreed(noticeLine), keyLine).state), ['service'])
})

t.test('a second yes counts in place of the first one, and is journalled beside it', async t => {
  const { state, orders } = again(agreed(), otherBasis, ...yes)
  t.match(
    orders.find(({ order }) => order === 'commit'),
    { answer: 'granted', again: ['service'] },
  )
  matchEach(t, state.answers, [{ superseded: true }, { announced: { basis: 'contract' } }])
  t.strictSame([...agreedOn(otherBasis, state.answers, state.prompts).keys()], ['service'])
  t.strictSame([...agreedOn(keyLine, state.answers, state.prompts).keys()], [])
  t.strictSame(unanswered(otherBasis, state.answers, state.prompts), [])
})

t.test('a second no counts for all lines, and the first yes can be withdrawn nevertheless', async t => {
  const { state } = again(agreed(), otherBasis, ...no, heard, returned)
  t.strictSame([...agreedOn(keyLine, state.answers, state.prompts).keys()], [])
  t.strictSame(openIn(again(state, keyLine).state), [])
  t.equal(decisionOf(state.answers), 'granted', 'of the call, in which something was recorded')
  t.equal(decisionHere(state), 'refused')
  const { orders } = runFrom(state, key('*'), key('9'))
  t.match(
    orders.find(({ order }) => order === 'withdraw'),
    { purposes: ['service'], keep: false },
  )
})

t.test('a commit that fails on the second line leaves the first yes to be withdrawn', async t => {
  const lost: Fact = { fact: 'commit-failed', purposes: otherBasis.purposes }
  const { state, orders } = again(agreed(), otherBasis, heard, key('1'), lost)
  t.match(
    orders.find(({ order }) => order === 'note'),
    { answer: 'failed', again: ['service'] },
  )
  matchEach(t, state.answers, [{ answer: 'granted', superseded: true }, { answer: 'failed' }])
  t.equal(decisionHere(state), 'failed')
})

t.test('what the dialplan is told is what holds on the line', async t => {
  const first = agreed()
  const here = (policy: LinePolicy, unasked?: string) => {
    const { state } = runFrom(first, to(policy, unasked))
    return [decisionHere(state), ...answersHere(state).map(({ answer }) => answer)]
  }
  t.strictSame(here(keyLine), ['granted', 'granted'])
  t.strictSame(here(none), ['failed', 'failed'])
  t.strictSame(here(otherBasis, 'overloaded'), ['failed', 'failed'])
  const marketing = { ...keyLine, purposes: twoPurposes.purposes.slice(1) }
  t.strictSame(here(marketing, 'overloaded'), ['granted', 'granted'], 'the line does not know the purpose')
})

t.test('the longer of two promises counts in a withdrawal: what one line destroys is destroyed', async t => {
  const keeps: LinePolicy = { ...otherBasis, onWithdraw: 'keep' }
  for (const [one, other] of [
    [keyLine, keeps],
    [{ ...keyLine, onWithdraw: 'keep' } as LinePolicy, otherBasis],
  ] as const) {
    const { state } = again(agreed(one), other, ...yes, heard, returned)
    const { orders } = runFrom(state, key('*'), key('9'))
    matchEach(
      t,
      orders.filter(({ order }) => order === 'withdraw'),
      [{ purposes: ['service'], keep: false }],
    )
  }
})
