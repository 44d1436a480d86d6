// Real: the call machine, which is pure. Fake: none.
import t from 'tap'
import { beginCall, transition } from '../../../../src/call/machine/call-machine.js'
import type { CallState, Fact, Order } from '../../../../src/call/machine/call-states.js'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { keyLine, noticeLine, offeringLine, twoPurposes } from '../../../support/data/policies.js'

const key = (digit: string, at = 0): Fact => ({ fact: 'key', digit, at })
const heard: Fact = { fact: 'heard' }
const committed: Fact = { fact: 'committed' }
const prepared: Fact = { fact: 'prepared' }
const released: Fact = { fact: 'returned' }
const keys = (typed: string): Fact[] => [...typed].map(digit => key(digit))
const talking: Fact[] = [heard, key('1'), committed, prepared, heard, released]

/** Runs a call. @returns the state after the last facts, and the orders of these only */
function run(policy: LinePolicy, before: Fact[], ...last: Fact[]) {
  let { state } = beginCall(policy)
  for (const fact of before) ({ state } = transition(state, fact))
  const orders: Order[] = []
  for (const fact of last) {
    const step = transition(state, fact)
    state = step.state
    orders.push(...step.orders)
  }
  return { state, orders }
}
const names = (orders: Order[]) => orders.map(order => order.order)
const withdrawn = { order: 'withdraw', purposes: ['service'], keep: false }

t.test('star nine in the conversation withdraws the yes, and the confirmation is whispered', async t => {
  const { state, orders } = run(keyLine, talking, ...keys('*9'))
  t.strictSame(orders, [withdrawn, { order: 'whisper', prompt: 'withdrawn', language: 'en' }])
  t.equal(state.step, 'talking', 'the call continues')
})

t.test('star nine counts if no key is between its keys and they are at most three seconds apart', async t => {
  const cases: [string, Fact[], boolean][] = [
    ['both keys', keys('*9'), true],
    ['a star too many', keys('**9'), true],
    ['within a longer row of keys', keys('1*92'), true],
    ['three seconds apart', [key('*', 1_000), key('9', 4_000)], true],
    ['longer apart', [key('*', 1_000), key('9', 4_001)], false],
    ['the star alone', keys('*'), false],
    ['the nine alone', keys('9'), false],
    ['the wrong way round', keys('9*'), false],
    ['with another key between', keys('*19'), false],
    ['a nine late after two stars', [key('*', 0), key('*', 2_000), key('9', 5_500)], false],
  ]
  for (const [what, typed, counts] of cases) {
    const { orders } = run(keyLine, talking, ...typed)
    t.equal(names(orders).includes('withdraw'), counts, what)
  }
  const own = { ...keyLine, keys: { ...keyLine.keys, withdraw: '*99' } }
  t.strictSame(names(run(own, talking, ...keys('*9')).orders), [])
  t.strictSame(names(run(own, talking, ...keys('*99')).orders), ['withdraw', 'whisper'], 'keys of the line')
})

t.test('a yes is withdrawn once, for every purpose, on the terms of the line', async t => {
  const both = [heard, key('1'), committed, heard, key('1'), committed, prepared, heard, released]
  const policy: LinePolicy = { ...twoPurposes, onWithdraw: 'keep' }
  const first = run(policy, both, ...keys('*9'))
  t.match(first.orders[0], { purposes: ['service', 'marketing'], keep: true })
  t.strictSame(run(policy, [...both, ...keys('*9')], ...keys('*9')).orders, [], 'it is not withdrawn twice')
})

t.test('a notice can be withdrawn, and a no cannot', async t => {
  const no = [heard, key('2'), committed, heard, released]
  t.strictSame(run(keyLine, no, ...keys('*9')).orders, [])
  t.strictSame(run(noticeLine, [heard, committed, prepared, released], ...keys('*9')).orders[0], withdrawn)
})

t.test('a withdrawn purpose is not asked again at a re-entry, and counts as refused', async t => {
  const back = run(keyLine, [...talking, ...keys('*9')], { fact: 're-entered', policy: keyLine })
  t.strictSame(back.orders, [{ order: 'return-unasked', decision: 'refused' }])
  const further = run(keyLine, [...talking, ...keys('*9')], { fact: 're-entered', policy: twoPurposes })
  t.strictSame(
    further.state.open.map(({ purpose }) => purpose),
    ['marketing'],
  )
})

t.test(
  'after a withdrawal during the confirmation, a prompt confirms it and the channel returns without a tap',
  async t => {
    const { state, orders } = run(keyLine, [heard, key('1'), committed], ...keys('*9'), prepared, heard)
    t.strictSame(names(orders), ['stop-prompt', 'stop-waiting', 'withdraw', 'confirm', 'return'])
    t.match(orders.at(-1), { tapped: false, decision: 'refused' })
    t.equal(state.tap, 'ready')
  },
)

t.test(
  'after a withdrawal during the question for a further purpose, that question is asked again',
  async t => {
    const asked = [heard, key('1'), committed, heard]
    const { orders } = run(twoPurposes, asked, ...keys('*9'))
    t.strictSame(
      names(orders),
      ['stop-prompt', 'stop-waiting', 'withdraw', 'confirm'],
      'the star does not count as a wrong key',
    )
    const after = run(twoPurposes, [...asked, ...keys('*9')], heard)
    matchEach(t, after.orders, [{ order: 'ask', purpose: 'marketing', attempt: 1 }])
    t.match(
      run(twoPurposes, asked, ...keys('*5')).orders[0],
      { order: 'ignore-key' },
      'the star counts as a wrong key if another key follows',
    )
  },
)

t.test('a withdrawal while the yes is being committed follows the commit', async t => {
  const early = run(keyLine, [heard, key('1')], ...keys('*9'))
  t.strictSame(early.orders, [])
  const { orders } = run(keyLine, [heard, key('1'), ...keys('*9')], committed)
  t.strictSame(
    orders.filter(({ order }) => order === 'withdraw'),
    [withdrawn],
  )
  t.strictSame(
    names(
      run(keyLine, [heard, key('1'), ...keys('*9')], { fact: 'commit-failed', purposes: keyLine.purposes })
        .orders,
    ),
    ['note', 'return'],
  )
})

t.test('a withdrawal of an earlier yes takes effect if the caller hangs up during a commit', async t => {
  const gone: Fact = { fact: 'hung-up', cause: 16 }
  const again: Fact[] = [...talking, { fact: 're-entered', policy: twoPurposes }, heard, key('1')]
  for (const typed of ['*9', '*99']) {
    const { state, orders } = run(twoPurposes, [...again, ...keys(typed)], gone)
    t.strictSame(
      orders.filter(({ order }) => order === 'withdraw'),
      [withdrawn],
      typed,
    )
    t.equal(state.step, 'ended')
  }
  for (const typed of ['', '*'])
    t.notOk(names(run(twoPurposes, [...again, ...keys(typed)], gone).orders).includes('withdraw'), typed)
})

t.test(
  'a key that is both an answer and the start of a withdrawal is the answer during a question',
  async t => {
    const policy = { ...twoPurposes, keys: { ...twoPurposes.keys, no: '*' } }
    const { orders } = run(policy, [heard, key('1'), committed, heard], key('*'))
    t.match(orders.at(-1), { order: 'commit', answer: 'refused' })
  },
)

/** Another line, with a further purpose and other keys. A withdrawal there destroys the audio. */
const elsewhere: LinePolicy = {
  ...twoPurposes,
  number: '200',
  language: 'ru',
  keys: { ...twoPurposes.keys, withdraw: '#8' },
}
const keeping: LinePolicy = { ...keyLine, onWithdraw: 'keep' }
const kept = { order: 'withdraw', purposes: ['service'], keep: true }

t.test('the keys and terms that the caller heard still apply on another line', async t => {
  for (const mode of ['none', 'key'] as const) {
    const back: Fact = { fact: 're-entered', policy: { ...elsewhere, mode, purposes: keyLine.purposes } }
    const before = [...talking, back, released]
    t.strictSame(run(keeping, before, ...keys('*9')).orders, [
      kept,
      { order: 'whisper', prompt: 'withdrawn-kept', language: 'en' },
    ])
    t.strictSame(run(keeping, before, ...keys('#8')).orders, [], 'the caller did not hear of these keys')
  }
})

t.test('any keys that the caller heard withdraw every yes, each on its own terms', async t => {
  const both = [...talking, { fact: 're-entered', policy: elsewhere } as Fact, heard, key('1'), committed]
  for (const typed of ['*9', '#8']) {
    const { orders } = run(keeping, [...both, prepared, heard, released], ...keys(typed))
    t.strictSame(
      orders.slice(0, 2),
      [{ order: 'withdraw', purposes: ['marketing'], keep: false }, kept],
      typed,
    )
    t.match(orders.at(-1), { prompt: 'withdrawn-kept' }, 'no destruction is promised of what is kept')
  }
  const no = [...talking, { fact: 're-entered', policy: elsewhere } as Fact, heard, key('2'), committed]
  t.strictSame(
    run(keeping, [...no, heard, released], ...keys('#8')).orders[0],
    kept,
    'keys count if the caller then said no',
  )
})

t.test('a key that answers the question of another line does not withdraw an earlier yes', async t => {
  const one: LinePolicy = { ...keyLine, keys: { ...keyLine.keys, withdraw: '3' } }
  const back: Fact = { fact: 're-entered', policy: { ...elsewhere, keys: { ...elsewhere.keys, no: '3' } } }
  const { orders } = run(one, [...talking, back, heard, key('3')], committed, heard)
  t.strictSame(names(orders), ['confirm', 'return'])
})

t.test('star nine during a notice is a no to all its purposes', async t => {
  const policies: LinePolicy[] = [noticeLine, { ...noticeLine, bargeIn: false }]
  for (const policy of policies) {
    const { state, orders } = run(policy, [], ...keys('*9'))
    t.strictSame(names(orders), ['stop-prompt', 'stop-waiting', 'commit'])
    t.match(orders.at(-1), { answer: 'refused', purposes: policy.purposes, digit: '9' })
    matchEach(t, transition(state, committed).state.answers, [{ answer: 'refused' }])
  }
  t.strictSame(run(noticeLine, [], ...keys('*')).orders, [], 'the star alone may begin it')
  t.strictSame(names(run(noticeLine, [], ...keys('9')).orders), ['ignore-key'], 'the nine alone is no answer')
  matchEach(t, run(noticeLine, [...keys('*'), heard]).state.pending, [{ answer: 'notice' }])
})

/** A notice-only line for another purpose, which a caller reaches after the talk on the first line. */
const noticed = (keys = '*9'): Fact => ({
  fact: 're-entered',
  policy: {
    ...noticeLine,
    purposes: twoPurposes.purposes.slice(1),
    keys: { ...noticeLine.keys, withdraw: keys },
  },
})

t.test(
  'star nine during a notice withdraws the yes that the caller gave on another line at once',
  async t => {
    const { state, orders } = run(keyLine, [...talking, noticed()], ...keys('*9'))
    t.strictSame(names(orders), ['stop-prompt', 'stop-waiting', 'withdraw', 'commit'])
    for (const after of [[{ fact: 'hung-up', cause: 16 }], [key('#'), committed]] as Fact[][]) {
      let { state: last } = { state }
      for (const fact of after) ({ state: last } = transition(last, fact))
      matchEach(t, last.answers, [{ answer: 'granted', withdrawn: true }, { purpose: 'marketing' }])
      t.not(last.answers[1]?.answer, 'notice')
    }
  },
)

t.test('the keys of either line object to a notice', async t => {
  for (const typed of ['*9', '#8']) {
    const { orders } = run(keyLine, [...talking, noticed('#8')], ...keys(typed))
    t.match(orders.at(-1), { order: 'commit', answer: 'refused' }, typed)
  }
})

t.test('a no by its own key during a notice withdraws nothing', async t => {
  const { orders } = run(keyLine, [...talking, noticed()], key('2'))
  t.strictSame(names(orders), ['stop-prompt', 'stop-waiting', 'commit'])
})

t.test('keys of an objection do not withdraw a later notice', async t => {
  for (const typed of ['*9', '*9*9']) {
    const before = [...keys(typed), committed, heard, released, noticed(), heard]
    t.notOk(names(run(noticeLine, before, committed).orders).includes('withdraw'), typed)
  }
  const late = [key('2'), ...keys('*9'), committed, heard, released, noticed(), heard]
  t.notOk(names(run(noticeLine, late, committed).orders).includes('withdraw'))
})

t.test('a key after the whole sequence does not erase it while the notice is being committed', async t => {
  const { orders } = run(noticeLine, [...keys('*'), heard, ...keys('9#')], committed)
  t.ok(names(orders).includes('withdraw'))
})

t.test('star nine during the apology after a restart is a no to the notice', async t => {
  let state: CallState = { ...beginCall(noticeLine).state, step: 'apologising', disclosed: false }
  const orders = keys('*9').flatMap(fact => {
    const step = transition(state, fact)
    state = step.state
    return step.orders
  })
  t.match(orders.at(-1), { order: 'commit', answer: 'refused' })
})

t.test('star nine while the language of a notice is chosen is a no to it', async t => {
  const offering = { ...offeringLine, mode: 'notice' as const }
  const typed = run(offering, [], ...keys('*9'))
  t.strictSame(names(typed.orders), ['stop-prompt', 'stop-waiting', 'commit'], 'the star chooses no language')
  t.match(typed.orders.at(-1), { answer: 'refused', digit: '9' })
  const [star, nine] = keys('*9') as [Fact, Fact]
  const { orders } = run(offering, [star, { fact: 'silence' }], nine)
  t.match(orders.at(-1), { order: 'commit', answer: 'refused' }, 'also if the choice ends in between')
  t.match(run(offering, [star], key('1')).state, { step: 'disclosing', policy: { language: 'ru' } })
  t.match(
    run(offeringLine, [], star).state,
    { step: 'disclosing' },
    'a line that asks has nothing to withdraw',
  )
})
