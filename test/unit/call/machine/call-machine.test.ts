// Real: the call machine, which is pure. Fake: none.
import fc from 'fast-check'
import t from 'tap'
import { beginCall, transition } from '../../../../src/call/machine/call-machine.js'
import { withOrders } from '../../../../src/call/machine/call-moves.js'
import type { CallState, Fact } from '../../../../src/call/machine/call-states.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import {
  committed,
  facts,
  heard,
  key,
  names,
  prepared,
  recoveredState,
  run,
  silence,
} from '../../../support/data/call-facts.js'
import { keyLine, noticeLine, twoPurposes } from '../../../support/data/policies.js'
import { stateAt, steps } from '../run/state-at.js'

t.test(
  'a yes is committed, then confirmed while the tap is prepared, and the channel returns with the tap',
  async t => {
    const { state, orders } = run(keyLine, heard, key('1'), committed, prepared, heard)
    t.strictSame(names(orders), [
      'answer',
      'disclose',
      'ask',
      'stop-prompt',
      'stop-waiting',
      'commit',
      'confirm',
      'prepare',
      'return',
    ])
    t.match(orders.at(-1), { decision: 'granted', tapped: true, next: { do: 'continue' } })
    t.equal(state.step, 'releasing')
  },
)

t.test('a confirmation that ends before the tap is ready waits for it', async t => {
  t.equal(run(keyLine, heard, key('1'), committed, heard).state.step, 'preparing')
})

t.test('a key during the disclosure answers the first purpose', async t => {
  t.match(run(keyLine, key('2')).orders.at(-1), { order: 'commit', answer: 'refused', method: 'key' })
})

t.test('after a no, the channel returns without a tap, to where the policy says', async t => {
  const policy = { ...keyLine, onRefused: { do: 'hangup' as const } }
  const { orders } = run(policy, heard, key('2'), committed, heard)
  t.notOk(names(orders).includes('prepare'))
  t.match(orders.at(-1), { order: 'return', decision: 'refused', tapped: false, next: { do: 'hangup' } })
})

t.test('where a call goes on is said by the answers to its line, not by those to an earlier one', async t => {
  const to = (context: string) => ({ do: 'transfer', context, extension: 's', priority: 1 }) as const
  const second = {
    ...{ ...twoPurposes, purposes: twoPurposes.purposes.slice(1), retries: 0 },
    ...{ onRefused: to('refused'), onSilent: to('silent'), onFailed: to('failed') },
  }
  const ways: Record<string, Fact[]> = {
    refused: [key('2'), committed, heard],
    silent: [heard, silence, committed, heard],
    failed: [facts.fault, committed],
  }
  const refusedBefore = [heard, key('2'), committed, heard, facts.returned]
  for (const [context, given] of Object.entries(ways)) {
    const back: Fact = { fact: 're-entered', policy: second }
    const { orders } = run(keyLine, ...refusedBefore, back, heard, ...given)
    t.match(orders.at(-1), { order: 'return', decision: 'refused', next: { context } })
  }
})

t.test('silence repeats the question alone, as often as the policy says, and is then the answer', async t => {
  const { orders } = run(keyLine, heard, heard, silence, heard, silence)
  t.equal(names(orders).filter(name => name === 'ask').length, 2)
  t.equal(names(orders).filter(name => name === 'disclose').length, 1)
  t.match(orders.at(-1), { order: 'commit', answer: 'silent' })
})

t.test(
  'a wrong key during a question or in the wait changes nothing, and the right key then counts',
  async t => {
    const once = { ...keyLine, retries: 0 }
    for (const before of [[], [heard]]) {
      const { orders } = run(once, heard, ...before, key('7'), key('1'))
      t.strictSame(names(orders).slice(-5), [
        ...(before.length === 0 ? ['ask'] : ['wait']),
        ...['ignore-key', 'stop-prompt', 'stop-waiting', 'commit'],
      ])
      t.match(orders.at(-1), { answer: 'granted' })
    }
  },
)

t.test(
  'after a wrong key and silence the question is asked once more, also where it is not repeated',
  async t => {
    const asked = (retries: number, ...given: Fact[]) => {
      const { orders } = run({ ...keyLine, retries }, heard, ...given)
      t.match(orders.at(-1), { order: 'commit', answer: 'silent' })
      return names(orders).filter(name => name === 'ask').length
    }
    t.equal(asked(0, heard, silence), 1, 'silence alone')
    t.equal(asked(0, key('7'), heard, key('8'), silence, heard, silence), 2)
    t.equal(asked(0, key('7'), heard, silence, key('7'), heard, key('7'), silence), 2, 'not without end')
    t.equal(asked(1, key('7'), heard, silence, heard, silence), 2, 'a repetition is once more')
    t.equal(asked(1, heard, silence, key('7'), heard, silence, heard, silence), 3)
  },
)

t.test('a prompt that must be heard in full accepts no key', async t => {
  const strict = { ...keyLine, bargeIn: false }
  const early = run(strict, key('1'), heard, key('1'))
  t.equal(early.state.step, 'asking')
  t.match(run(strict, heard, heard, key('1')).orders.at(-1), { order: 'commit', answer: 'granted' })
})

t.test('purposes are asked in turn and answered separately', async t => {
  const { orders, state } = run(
    twoPurposes,
    heard,
    key('1'),
    committed,
    heard,
    key('2'),
    committed,
    prepared,
    heard,
  )
  matchEach(t, state.answers, [
    { purpose: 'service', answer: 'granted' },
    { purpose: 'marketing', answer: 'refused' },
  ])
  t.strictSame(
    orders.filter(order => order.order === 'prepare'),
    [{ order: 'prepare', purposes: ['service'] }],
  )
  t.match(orders.at(-1), { order: 'return', decision: 'granted', tapped: true })
})

t.test('a caller on a notice line who stays is recorded, and one who presses no is not', async t => {
  const stays = run(noticeLine, heard, committed, prepared)
  t.match(stays.orders.at(-1), { order: 'return', decision: 'notice', tapped: true })
  t.match(run(noticeLine, key('1')).state.step, 'disclosing')
  t.match(run(noticeLine, key('2')).orders.at(-1), { order: 'commit', answer: 'refused' })
})

t.test('a call whose answer cannot be committed continues unrecorded', async t => {
  const { orders } = run(keyLine, heard, key('1'), facts['commit-failed'])
  t.strictSame(names(orders).slice(-2), ['note', 'return'])
  t.match(orders.at(-1), { decision: 'failed', tapped: false })
})

t.test(
  'a yes whose commit fails after its channel has left is no yes when the channel comes back',
  async t => {
    const left = run(keyLine, heard, key('1'), { fact: 'left' }, facts['commit-failed'])
    t.strictSame(transition(left.state, { fact: 're-entered', policy: keyLine }).orders, [
      { order: 'return-unasked', decision: 'failed' },
    ])
  },
)

t.test('after a fault the open purposes fail, and a purpose with a yes is recorded', async t => {
  const { state, orders } = run(
    twoPurposes,
    heard,
    key('1'),
    committed,
    heard,
    facts.fault,
    committed,
    prepared,
  )
  matchEach(t, state.answers, [
    { purpose: 'service', answer: 'granted' },
    { purpose: 'marketing', answer: 'failed' },
  ])
  t.match(orders.at(-1), { order: 'return', decision: 'granted', tapped: true })
})

t.test('a channel that comes back with its answers passes straight through, untapped', async t => {
  const talk = run(keyLine, heard, key('1'), committed, prepared, heard, { fact: 'returned' })
  const back = transition(talk.state, { fact: 're-entered', policy: keyLine })
  t.strictSame(back.orders, [{ order: 'return-unasked', decision: 'granted' }])
  const other = transition(talk.state, { fact: 're-entered', policy: twoPurposes })
  t.strictSame(
    other.state.open.map(p => p.purpose),
    ['marketing'],
    'only the further purpose is asked',
  )
})

t.test(
  'a hangup ends a call in our application at once, but not one whose tap the dialplan may be starting',
  async t => {
    for (const step of steps) {
      const { state } = transition(stateAt(step), facts['hanging-up'])
      t.equal(state.step, ['releasing', 'talking'].includes(step) ? step : 'ended', step)
    }
  },
)

/** Facts in any order. Those that move a call on come more often, because most others end it. */
const anyFact: fc.Arbitrary<Fact> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(heard, key('1'), committed, prepared) },
  { weight: 1, arbitrary: fc.constantFrom(...Object.values(facts)) },
  { weight: 1, arbitrary: fc.constantFrom('1', '2', '3', '*', '9', '#').map(digit => key(digit)) },
)

t.test(
  'after any facts, only a committed yes is prepared, a purpose has one answer that counts, and only a prepared tap starts',
  async t => {
    let prepareOrders = 0
    let tappedReturns = 0
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(
          fc.constantFrom(keyLine, twoPurposes, noticeLine),
          fc.constantFrom([], ['service'], null),
          fc.array(anyFact, { maxLength: 40 }),
          (policy, yes, sequence) => {
            let { state, orders } = yes ? withOrders(recoveredState(policy, ...yes)) : beginCall(policy)
            const granted = new Set<string>(yes)
            let ready = false
            for (const fact of sequence) {
              const before: CallState = state
              ;({ state, orders } = transition(state, fact))
              if (fact.fact === 'committed' && ['committing', 'failing'].includes(before.step)) {
                for (const p of before.pending)
                  if (['granted', 'notice'].includes(p.answer)) granted.add(p.purpose)
              }
              if (fact.fact === 're-entered' && ['talking', 'releasing'].includes(before.step)) ready = false
              if (fact.fact === 'prepared') ready = true
              for (const order of orders) {
                if (order.order === 'prepare') {
                  prepareOrders += 1
                  for (const p of order.purposes) if (!granted.has(p)) return false
                }
                if (order.order === 'return' && order.tapped) {
                  tappedReturns += 1
                  if (!ready) return false
                }
              }
              const purposes = state.answers.flatMap(s => (s.superseded ? [] : s.purpose))
              if (new Set(purposes).size !== purposes.length) return false
            }
            return true
          },
        ),
        { numRuns: 5_000 },
      ),
    )
    // About 360 and 80 of them are met.
    t.ok(prepareOrders > 100 && tappedReturns > 20, `${prepareOrders} prepared, ${tappedReturns} tapped`)
  },
)

t.test(
  'a call whose prompts fail returns to the dialplan after any facts, once the journal has replied',
  async t => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(
          fc.constantFrom(keyLine, twoPurposes, noticeLine),
          fc.constantFrom([], ['service'], null),
          fc.array(anyFact, { maxLength: 20 }),
          (policy, yes, sequence) => {
            const first = yes ? recoveredState(policy, ...yes) : beginCall(policy).state
            const state = sequence.reduce((before, fact) => transition(before, fact).state, first)
            const drained = [
              facts.fault,
              facts['commit-failed'],
              facts['prepare-failed'],
              facts.fault,
              facts['commit-failed'],
              facts['prepare-failed'],
              facts.returned,
            ]
            return ['talking', 'ended'].includes(
              drained.reduce((s, fact) => transition(s, fact).state, state).step,
            )
          },
        ),
        { numRuns: 5_000 },
      ),
    )
  },
)
