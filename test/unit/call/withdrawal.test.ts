// The machine alone: no PBX, no journal, no clock. Everything here is pure.
import t from 'tap'
import { beginCall, transition } from '../../../src/call/call-machine.js'
import type { Fact, Order } from '../../../src/call/call-states.js'
import type { LinePolicy } from '../../../src/shared/policy.js'
import { keyLine, noticeLine, twoPurposes } from '../../support/policies.js'

const key = (digit: string, at = 0): Fact => ({ fact: 'key', digit, at })
const heard: Fact = { fact: 'heard' }
const committed: Fact = { fact: 'committed' }
const prepared: Fact = { fact: 'prepared' }
const released: Fact = { fact: 'returned' }
const keys = (typed: string): Fact[] => [...typed].map(digit => key(digit))
const talking: Fact[] = [heard, key('1'), committed, prepared, heard, released]

/** Runs a call up to its last facts, and gives what comes of these. */
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

t.test('star nine in the talk ends recording, and is whispered', async t => {
  const { state, orders } = run(keyLine, talking, ...keys('*9'))
  t.strictSame(orders, [withdrawn, { order: 'whisper', prompt: 'withdrawn', language: 'en' }])
  t.equal(state.step, 'talking', 'the call goes on')
})

t.test('what counts as star nine', async t => {
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
  t.strictSame(names(run(own, talking, ...keys('*99')).orders), ['withdraw', 'whisper'], 'as the line has it')
})

t.test('it is taken back once, for every purpose, as the line says', async t => {
  const both = [heard, key('1'), committed, heard, key('1'), committed, prepared, heard, released]
  const policy: LinePolicy = { ...twoPurposes, onWithdraw: 'keep' }
  const once = run(policy, both, ...keys('*9'))
  t.match(once.orders[0], { purposes: ['service', 'marketing'], keep: true })
  t.strictSame(run(policy, [...both, ...keys('*9')], ...keys('*9')).orders, [], 'and not again')
})

t.test('there is nothing to take back after a no, and on a line that only discloses there is', async t => {
  const no = [heard, key('2'), committed, heard, released]
  t.strictSame(run(keyLine, no, ...keys('*9')).orders, [])
  t.match(run(noticeLine, [heard, committed, prepared, released], ...keys('*9')).orders[0], withdrawn)
})

t.test('a call that comes back is not asked for it again, and counts as refused', async t => {
  const back = run(keyLine, [...talking, ...keys('*9')], { fact: 're-entered', policy: keyLine })
  t.strictSame(back.orders, [{ order: 'return-unasked', decision: 'refused' }])
  const further = run(keyLine, [...talking, ...keys('*9')], { fact: 're-entered', policy: twoPurposes })
  t.match(
    further.state.open.map(({ purpose }) => purpose),
    ['marketing'],
  )
})

t.test('during the confirmation: no tap is handed over, and the caller hears it there', async t => {
  const { state, orders } = run(keyLine, [heard, key('1'), committed], ...keys('*9'), prepared, heard)
  t.strictSame(names(orders), ['stop-prompt', 'stop-waiting', 'withdraw', 'confirm', 'return'])
  t.match(orders.at(-1), { tapped: false, decision: 'refused' })
  t.equal(state.tap, 'ready')
})

t.test('in the question for a further purpose: the first is taken back, the question stays', async t => {
  const asked = [heard, key('1'), committed, heard]
  const { orders } = run(twoPurposes, asked, ...keys('*9'))
  t.strictSame(
    names(orders),
    ['stop-prompt', 'stop-waiting', 'withdraw', 'confirm'],
    'the star is no wrong key',
  )
  const after = run(twoPurposes, [...asked, ...keys('*9')], heard)
  t.match(after.orders, [{ order: 'ask', purpose: 'marketing', attempt: 1 }])
  t.match(
    run(twoPurposes, asked, ...keys('*5')).orders[0],
    { order: 'ignore-key' },
    'unless it goes on otherwise',
  )
})

t.test('while the yes is on its way to the journal: as soon as it is there', async t => {
  const early = run(keyLine, [heard, key('1')], ...keys('*9'))
  t.strictSame(early.orders, [])
  const { orders } = run(keyLine, [heard, key('1'), ...keys('*9')], committed)
  t.match(
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

t.test('where a star begins both an answer and a withdrawal, in a question it is the answer', async t => {
  const policy = { ...twoPurposes, keys: { ...twoPurposes.keys, no: '*' } }
  const { orders } = run(policy, [heard, key('1'), committed, heard], key('*'))
  t.match(orders.at(-1), { order: 'commit', answer: 'refused' })
})

/** Another line, with a further purpose and other keys; nothing recorded there survives a withdrawal. */
const elsewhere: LinePolicy = {
  ...twoPurposes,
  number: '200',
  language: 'ru',
  keys: { ...twoPurposes.keys, withdraw: '#8' },
}
const keeping: LinePolicy = { ...keyLine, onWithdraw: 'keep' }
const kept = { order: 'withdraw', purposes: ['service'], keep: true }

t.test('on another line the keys and the end that the caller was told of hold', async t => {
  for (const mode of ['none', 'key'] as const) {
    const back: Fact = { fact: 're-entered', policy: { ...elsewhere, mode, purposes: keyLine.purposes } }
    const before = [...talking, back, released]
    t.strictSame(run(keeping, before, ...keys('*9')).orders, [
      kept,
      { order: 'whisper', prompt: 'withdrawn', language: 'en' },
    ])
    t.strictSame(run(keeping, before, ...keys('#8')).orders, [], 'of this one nobody told')
  }
})

t.test('any keys that the caller was told take all back, each on its own terms', async t => {
  const both = [...talking, { fact: 're-entered', policy: elsewhere } as Fact, heard, key('1'), committed]
  for (const typed of ['*9', '#8']) {
    const { orders } = run(keeping, [...both, prepared, heard, released], ...keys(typed))
    t.match(orders.slice(0, 2), [{ order: 'withdraw', purposes: ['marketing'], keep: false }, kept], typed)
  }
  const no = [...talking, { fact: 're-entered', policy: elsewhere } as Fact, heard, key('2'), committed]
  t.match(run(keeping, [...no, heard, released], ...keys('#8')).orders[0], kept, 'told with a no')
})

t.test(
  'one key that answers the question of another line does not withdraw what was said before',
  async t => {
    const one: LinePolicy = { ...keyLine, keys: { ...keyLine.keys, withdraw: '3' } }
    const back: Fact = { fact: 're-entered', policy: { ...elsewhere, keys: { ...elsewhere.keys, no: '3' } } }
    const { orders } = run(one, [...talking, back, heard, key('3')], committed, heard)
    t.strictSame(names(orders), ['confirm', 'return'])
  },
)
