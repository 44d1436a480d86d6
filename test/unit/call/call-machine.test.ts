// Real: the call machine, which is pure. Fake: none.
import fc from 'fast-check'
import t from 'tap'
import { beginCall, transition, transitions } from '../../../src/call/call-machine.js'
import { withOrders } from '../../../src/call/call-moves.js'
import type { CallState, Fact, FactName, Step } from '../../../src/call/call-states.js'
import {
  committed,
  facts,
  heard,
  key,
  names,
  prepared,
  recoveredState,
  run,
  runFrom,
  silence,
} from '../../support/data/call-facts.js'
import { keyLine, noticeLine, twoPurposes } from '../../support/data/policies.js'

t.test(
  'a yes is committed, then confirmed while the tap is prepared, then released with the tap',
  async t => {
    const { state, orders } = run(keyLine, heard, key('1'), committed, prepared, heard)
    t.match(names(orders), [
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

t.test('a no is confirmed and released without a tap, to where the policy says', async t => {
  const policy = { ...keyLine, onRefused: { do: 'hangup' as const } }
  const { orders } = run(policy, heard, key('2'), committed, heard)
  t.notOk(names(orders).includes('prepare'))
  t.match(orders.at(-1), { order: 'return', decision: 'refused', tapped: false, next: { do: 'hangup' } })
})

t.test('silence repeats only the question, as often as the policy says, then means no', async t => {
  const { orders } = run(keyLine, heard, heard, silence, heard, silence)
  t.same(names(orders).filter(name => name === 'ask').length, 2)
  t.same(names(orders).filter(name => name === 'disclose').length, 1)
  t.match(orders.at(-1), { order: 'commit', answer: 'silent' })
})

t.test('a wrong key costs one repetition; the right one then counts', async t => {
  const { orders } = run(keyLine, heard, key('5'), key('1'))
  t.match(names(orders).slice(2), [
    'ask',
    'ignore-key',
    'stop-prompt',
    'stop-waiting',
    'ask',
    'stop-prompt',
    'stop-waiting',
    'commit',
  ])
  t.match(orders.at(-1), { answer: 'granted' })
})

t.test('a prompt that must be heard in full accepts no key', async t => {
  const strict = { ...keyLine, bargeIn: false }
  const early = run(strict, key('1'), heard, key('1'))
  t.match(early.state, { step: 'asking' })
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
  t.match(state.answers, [
    { purpose: 'service', answer: 'granted' },
    { purpose: 'marketing', answer: 'refused' },
  ])
  t.match(
    orders.find(order => order.order === 'prepare'),
    { purposes: ['service'] },
  )
  t.match(orders.at(-1), { order: 'return', decision: 'granted', tapped: true })
})

t.test('on a notice line a caller who stays is recorded, and a caller who presses no is not', async t => {
  const stays = run(noticeLine, heard, committed, prepared)
  t.match(stays.orders.at(-1), { order: 'return', decision: 'notice', tapped: true })
  t.match(run(noticeLine, key('1')).state.step, 'disclosing')
  t.match(run(noticeLine, key('2')).orders.at(-1), { order: 'commit', answer: 'refused' })
})

t.test('if the answer cannot be committed, the call continues unrecorded', async t => {
  const { orders } = run(keyLine, heard, key('1'), facts['commit-failed'])
  t.match(names(orders).slice(-2), ['note', 'return'])
  t.match(orders.at(-1), { decision: 'failed', tapped: false })
})

t.test(
  'a yes whose commit fails after its channel has left is no yes when the channel comes back',
  async t => {
    const left = run(keyLine, heard, key('1'), { fact: 'left' }, facts['commit-failed'])
    t.match(transition(left.state, { fact: 're-entered', policy: keyLine }).orders, [
      { order: 'return-unasked', decision: 'failed' },
    ])
  },
)

t.test('a fault fails what is open and keeps what was granted', async t => {
  const { orders } = run(
    twoPurposes,
    heard,
    key('1'),
    committed,
    heard,
    { fault: 'x', fact: 'fault', reason: 'prompt-cut' } as Fact,
    committed,
    prepared,
  )
  t.match(orders.at(-1), { order: 'return', decision: 'granted', tapped: true })
})

t.test('a channel that comes back with its answers passes straight through, untapped', async t => {
  const talk = run(keyLine, heard, key('1'), committed, prepared, heard, { fact: 'returned' })
  const back = transition(talk.state, { fact: 're-entered', policy: keyLine })
  t.match(back.orders, [{ order: 'return-unasked', decision: 'granted' }])
  const other = transition(talk.state, { fact: 're-entered', policy: twoPurposes })
  t.match(
    other.state.open.map(p => p.purpose),
    ['marketing'],
    'it is asked only what is new',
  )
})

/** Facts that lead to each step. */
const ways: Record<Step, Fact[]> = {
  interrupted: [],
  apologising: [facts.recovered],
  disclosing: [],
  asking: [heard],
  waiting: [heard, heard],
  committing: [heard, key('1')],
  confirming: [heard, key('1'), committed],
  failing: [facts.fault],
  preparing: [heard, key('1'), committed, heard],
  releasing: [heard, key('1'), committed, heard, prepared],
  talking: [heard, key('1'), committed, heard, prepared, facts.returned],
  ended: [facts['hung-up']],
}

t.test('the table covers every fact at every step', async t => {
  for (const step of Object.keys(transitions) as Step[]) {
    const first = ['interrupted', 'apologising'].includes(step) ? recoveredState() : beginCall(keyLine).state
    const before = ways[step].reduce((state, fact) => transition(state, fact).state, first)
    t.equal(before.step, step)
    for (const name of Object.keys(facts) as FactName[]) {
      const after = transition(before, facts[name])
      if (transitions[step][name]) t.not(after.state, before, `${name} at ${step} does something`)
      else t.same(after, { state: before, orders: [] }, `${name} at ${step} changes nothing`)
    }
  }
})

t.test(
  'a hangup ends a call in our application at once, but not one whose tap the dialplan may be starting',
  async t => {
    t.equal(runFrom(recoveredState(), facts['hanging-up']).state.step, 'ended')
    t.equal(runFrom(recoveredState(), facts.recovered, facts['hanging-up']).state.step, 'ended')
    for (const step of [
      'disclosing',
      'asking',
      'waiting',
      'committing',
      'confirming',
      'preparing',
    ] as const) {
      t.match(run(keyLine, ...ways[step], facts['hanging-up']).state.step, 'ended', step)
    }
    for (const step of ['releasing', 'talking'] as const) {
      t.equal(run(keyLine, ...ways[step], facts['hanging-up']).state.step, step)
    }
  },
)

const anyFact: fc.Arbitrary<Fact> = fc.oneof(
  fc.constantFrom(...Object.values(facts)),
  fc.constantFrom('1', '2', '3', '*', '9', '#').map(digit => key(digit)),
)

t.test(
  'after any facts: prepared only after a committed yes, one answer a purpose, tapped only when prepared',
  async t => {
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
                if (order.order === 'prepare')
                  for (const p of order.purposes) if (!granted.has(p)) return false
                if (order.order === 'return' && order.tapped && !ready) return false
              }
              const purposes = state.answers.map(s => s.purpose)
              if (new Set(purposes).size !== purposes.length) return false
            }
            return true
          },
        ),
        { numRuns: 5_000 },
      ),
    )
  },
)

t.test(
  'after any facts, a call whose prompts fail returns to the dialplan once the journal has replied',
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
