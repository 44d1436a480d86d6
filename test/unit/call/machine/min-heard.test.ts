// Real: the call machine, the running call. Fake: the PBX, the journal, the recorder, the prompts, the clock.
import t from 'tap'
import { transition } from '../../../../src/call/machine/call-machine.js'
import type { CallState, Fact, Order } from '../../../../src/call/machine/call-states.js'
import { run, runFrom, silence } from '../../../support/data/call-facts.js'
import { keyLine, noticeLine, twoPurposes, voiceLine } from '../../../support/data/policies.js'
import { recover } from '../../../support/fakes/recovered-call.js'

const fiveSeconds = { ...keyLine, minHeardMs: 5_000 }
const whole = { ...keyLine, minHeardMs: 'all' as const }

/** A key while the disclosure plays, of which so much was heard. */
const press = (digit: string, heardMs: number): Fact => ({ fact: 'key', digit, at: heardMs, heardMs })
const told = ({ state, orders }: { state: CallState; orders: Order[] }) => [
  state.step,
  orders.map(({ order }) => order).join(' '),
]

t.test('a yes counts once so much of the disclosure was heard, and not before', async t => {
  for (const [policy, heardMs, step] of [
    [keyLine, 1, 'committing'],
    [fiveSeconds, 190, 'disclosing'],
    [fiveSeconds, 4_999, 'disclosing'],
    [fiveSeconds, 5_000, 'committing'],
    [whole, 60_000, 'disclosing'],
  ] as const)
    t.equal(run(policy, press('1', heardMs)).state.step, step, `${policy.minHeardMs}: ${heardMs}`)
  // A key that does not say how much was heard.
  t.equal(run(fiveSeconds, { fact: 'key', digit: '1', at: 0 }).state.step, 'disclosing')
})

t.test('a caller who presses too early is asked as soon as enough was heard', async t => {
  const { state } = run(fiveSeconds)
  const early = transition(state, press('1', 190))
  t.strictSame(early.orders, [
    {
      ...{ order: 'ignore-key', purpose: 'service', reason: 'too-early' },
      early: { heardMs: 190, minHeardMs: 5_000 },
    },
    { order: 'wait', ms: 4_910 },
  ])
  const again = transition(early.state, press('1', 2_000))
  t.strictSame(told(again), ['disclosing', 'ignore-key'], 'the second key starts no other wait')
  t.strictSame(told(transition(again.state, silence)), ['asking', 'stop-prompt ask'])
  const yes = runFrom(again.state, silence, { fact: 'key', digit: '1', at: 6_000 })
  t.equal(yes.state.step, 'committing', 'the yes to the question counts')
  t.strictSame(
    told(transition(early.state, press('1', 5_000)))[0],
    'committing',
    'and so does one to the rest',
  )
})

t.test('a disclosure that must be heard to its end is, and the question follows', async t => {
  const early = run(whole, press('1', 190))
  t.equal(early.orders.at(-1)!.order, 'ignore-key', 'there is no wait')
  t.strictSame(told(transition(early.state, { fact: 'heard' })), ['asking', 'stop-waiting ask'])
})

t.test('a no needs no disclosure, unless another question follows it', async t => {
  t.equal(run(whole, press('2', 100)).state.step, 'committing')
  t.equal(run({ ...noticeLine, minHeardMs: 'all' }, press('2', 100)).state.step, 'committing')
  t.equal(run({ ...twoPurposes, minHeardMs: 'all' }, press('2', 100)).state.step, 'disclosing')
})

t.test('a no to a notice counts also where prompts are played in full: no question follows', async t => {
  const strict = { ...noticeLine, bargeIn: false }
  const no = run(strict, press('2', 100))
  t.equal(no.state.step, 'committing')
  t.match(no.orders.at(-1), { order: 'commit', answer: 'refused', method: 'key', digit: '2' })
  for (const digit of ['1', '5']) {
    const { state, orders } = run(strict, press(digit, 100))
    t.equal(state.step, 'disclosing')
    t.match(orders.at(-1), { order: 'ignore-key', reason: 'too-early' })
  }
})

t.test('speech is heard from the question on, which no early key brings forward too far', async t => {
  const { state } = run({ ...voiceLine, minHeardMs: 5_000 }, press('1', 190))
  t.notOk(state.asked.hearing)
  t.strictSame(told(transition(state, silence)), ['asking', 'stop-prompt ask begin-hearing'])
})

t.test('nobody who pressed nothing is cut off', async t => {
  const { state } = run(fiveSeconds)
  t.strictSame(told(transition(state, silence)), ['disclosing', ''])
})

t.test('a recovered caller hears the disclosure again unless enough of it was heard', async t => {
  const after = async (cutAfterMs: number | null) => {
    const { hear, last } = await recover({ cutAfterMs }, undefined, { policy: fiveSeconds })
    await hear()
    return last()
  }
  t.match(await after(190), /disclosure-key/)
  t.match(await after(5_000), /question-service/)
  t.match(await after(null), /question-service/)
})
