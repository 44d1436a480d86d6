// Real: the call machine, which is pure. Fake: none.
import t from 'tap'
import { beginCall, callInDialplan, transition } from '../../../../src/call/machine/call-machine.js'
import type { CallState, Fact } from '../../../../src/call/machine/call-states.js'
import { purposesToAsk } from '../../../../src/call/run/inquiry-request.js'
import { newCallId } from '../../../../src/core/ids.js'
import { exactly } from '../../../support/assertions/exactly.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import {
  asideCommitted,
  asideLost,
  askNow,
  committed,
  heard,
  key,
  names,
  prepared,
  promptsOf,
  runFrom,
  silence,
  whispered,
} from '../../../support/data/call-facts.js'
import { keyLine, noticeLine, twoPurposes, voiceLine } from '../../../support/data/policies.js'

const returned: Fact = { fact: 'returned' }
const hungUp: Fact = { fact: 'hung-up', cause: 16 }
const fault: Fact = { fact: 'fault', reason: 'pbx-lost' }
const reentered: Fact = { fact: 're-entered', policy: keyLine }
const keys = (typed: string) => [...typed].map(digit => key(digit))

/** A caller who has answered so, and is in the conversation. */
const talking = (digit: '1' | '2', line = keyLine): CallState =>
  runFrom(beginCall(line).state, heard, key(digit), committed, prepared, heard, returned).state
const refused = talking('2')
/** The same caller, who is asked again. */
const asked = (...facts: Fact[]) => runFrom(refused, askNow(keyLine, 'service'), ...facts)
const decisionOf = ({ answers }: CallState) => answers.map(({ answer }) => answer)

t.test('a yes in a conversation counts when it is committed, and then a tap is started', t => {
  const { state, orders } = asked(whispered, whispered, key('1'))
  t.strictSame(names(orders), [
    ...['begin-inquiry', 'tell', 'ask-aside', 'wait', 'end-whisper', 'stop-waiting', 'commit'],
  ])
  t.match(orders.at(-1), { answer: 'granted', method: 'key', digit: '1', inConversation: { keys: '*9' } })
  t.strictSame(decisionOf(state), ['refused'], 'before the commit nothing has changed')
  const after = runFrom(state, asideCommitted)
  t.strictSame(names(after.orders), ['correct-decision', 'tell', 'prepare'])
  t.strictSame(decisionOf(after.state), ['granted'])
  const end = runFrom(after.state, prepared, whispered)
  t.strictSame(names(end.orders), ['end-whisper', 'start-tap'], 'when the confirmation is over')
  t.strictSame(names(runFrom(after.state, whispered, prepared).orders), ['end-whisper', 'start-tap'])
  t.equal(end.state.inquiry, null)
  t.end()
})

t.test('nobody agrees before the question has begun', t => {
  const { state, orders } = asked(key('1'))
  t.match(orders.at(-1), { order: 'ignore-key', reason: 'too-early' })
  t.match(runFrom(state, whispered, key('1')).orders.at(-1), { order: 'commit', answer: 'granted' })
  const whole = { ...keyLine, bargeIn: false }
  const { orders: during } = runFrom(refused, askNow(whole, 'service'), whispered, key('1'))
  t.match(during.at(-1), { order: 'ignore-key', reason: 'too-early' }, 'nor in a question that plays in full')
  t.end()
})

t.test('a no, silence or the keys of a withdrawal change nothing but the journal', t => {
  const ways: [string, Fact[], object][] = [
    ['no in the disclosure', [key('2')], { answer: 'refused' }],
    ['no to the question', [whispered, key('2')], { answer: 'refused' }],
    ['the keys of a withdrawal', [whispered, ...keys('*9')], { answer: 'refused', digit: '9' }],
    ['silence', [whispered, whispered, silence, whispered, silence], { answer: 'silent', method: 'none' }],
    [
      'wrong keys',
      [whispered, key('5'), whispered, silence, key('6'), whispered, silence, whispered, silence],
      { answer: 'silent' },
    ],
  ]
  for (const [what, facts, answer] of ways) {
    const { state, orders } = asked(...facts)
    t.match(orders.at(-1), { order: 'commit', ...answer }, what)
    const after = runFrom(state, asideCommitted)
    matchEach(t, after.orders, [{ order: 'tell', role: 'refused' }], what)
    t.strictSame(after.state.answers, refused.answers, what)
    t.strictSame(names(runFrom(after.state, whispered).orders), ['end-whisper'], what)
  }
  t.end()
})

t.test('whatever ends the question otherwise is never a yes', t => {
  const ends: [Fact, string, string][] = [
    [fault, 'failed', 'pbx-lost'],
    [{ fact: 'alone' }, 'failed', 'alone'],
    [{ fact: 'not-whispered', reason: 'prompt-cut' }, 'failed', 'prompt-cut'],
    [reentered, 'failed', 'left'],
    [hungUp, 'abandoned', 'hung-up'],
  ]
  for (const before of [[], [whispered], [whispered, whispered]])
    for (const [fact, answer, reason] of ends) {
      // In the wait nothing plays.
      if (fact.fact === 'not-whispered' && before.length === 2) continue
      const { state, orders } = runFrom(asked(...before).state, fact)
      t.strictSame(decisionOf(state), ['refused'], `${fact.fact} after ${before.length}`)
      t.match(
        orders.find(({ order }) => order === 'note'),
        { answer, reason, inConversation: {} },
        `${fact.fact} after ${before.length}`,
      )
      t.notOk(names(orders).some(name => /commit|prepare|tap/.test(name)))
      t.equal(state.inquiry, null)
    }
  t.end()
})

t.test('an answer that is being committed counts only if it is, whatever happens meanwhile', t => {
  const pending = asked(whispered, key('1')).state
  for (const fact of [fault, { fact: 'alone' } as Fact]) {
    const { state } = runFrom(pending, fact)
    t.strictSame(decisionOf(state), ['refused'])
    const { state: after, orders } = runFrom(state, asideCommitted)
    t.strictSame(decisionOf(after), ['granted'], 'the journal has it')
    t.equal(after.inquiry, null)
    t.notOk(names(orders).includes('tell'), 'it is not confirmed')
  }
  const lost = asideLost(keyLine)
  const failed = runFrom(pending, lost)
  t.match(failed.orders.at(-1), { order: 'note', answer: 'failed', reason: 'journal' })
  t.strictSame([decisionOf(failed.state), failed.state.inquiry], [['refused'], null])
  const gone = runFrom(pending, hungUp)
  t.match(gone.orders.at(-1), { order: 'end', decision: 'refused', unprepared: exactly('service') })
  const kept = runFrom(gone.state, lost)
  t.strictSame(decisionOf(kept.state), ['refused'], 'the earlier answer stands')
  t.match(kept.orders.at(-1), { order: 'note', answer: 'failed', reason: 'journal', inConversation: {} })
  t.end()
})

t.test('an answer that is committed after the call has ended changes the decision as one before', t => {
  const late = (state: CallState, ...facts: Fact[]) => runFrom(state, hungUp, ...facts)
  const correction = { order: 'correct-decision', decision: 'granted', reason: 'in-conversation' }
  const { state, orders } = late(asked(whispered, key('1')).state)
  t.notOk(names(orders).includes('correct-decision'), 'not before the commit')
  const after = runFrom(state, asideCommitted)
  matchEach(t, after.orders, [correction])
  t.strictSame([decisionOf(after.state), after.state.step], [['granted'], 'ended'])
  t.strictSame(runFrom(after.state, asideCommitted).orders, [], 'once')

  matchEach(
    t,
    late(asked(whispered, key('2')).state, asideCommitted).orders.slice(-1),
    [{ order: 'end' }],
    'a no',
  )

  const joined = runFrom(callInDialplan(keyLine, newCallId()).state, askNow(keyLine, 'service'), whispered)
  for (const [digit, decision] of [
    ['1', 'granted'],
    ['2', 'refused'],
  ] as const) {
    const { orders } = late(runFrom(joined.state, key(digit)).state, asideCommitted)
    t.match(orders.at(-1), { order: 'correct-decision', decision }, 'the first answer of a call')
  }

  const both = runFrom(refused, askNow(twoPurposes, 'service', 'marketing'), whispered, key('1'))
  const first = late(both.state, asideCommitted)
  t.match(
    first.orders.find(({ order }) => order === 'note'),
    { purposes: exactly({ purpose: 'marketing' }), answer: 'abandoned' },
    'the purpose that was not asked yet',
  )
  t.match(first.orders.at(-1), correction)

  const withdrawn = late(runFrom(asked(whispered, key('1')).state, ...keys('*9')).state)
  t.notOk(names(withdrawn.orders).includes('withdraw'), 'a withdrawal waits for the commit')
  const end = runFrom(withdrawn.state, asideCommitted)
  t.strictSame(names(end.orders), ['correct-decision', 'withdraw'])
  matchEach(t, end.state.answers, [{ answer: 'granted', withdrawn: true }])
  t.end()
})

t.test('a withdrawal ends the question, and takes back what was agreed to before', t => {
  const [service] = [talking('1')]
  const ask = askNow(twoPurposes, 'marketing')
  const during = runFrom(service, ask, whispered, ...keys('*9'))
  t.strictSame(names(during.orders).slice(-5), ['end-whisper', 'stop-waiting', 'note', 'withdraw', 'whisper'])
  matchEach(t, during.state.answers, [{ withdrawn: true }, { purpose: 'marketing', answer: 'refused' }])
  const waiting = runFrom(service, ask, whispered, key('1'), ...keys('*9'))
  t.notOk(names(waiting.orders).includes('withdraw'), 'it waits for the commit')
  const after = runFrom(waiting.state, asideCommitted)
  matchEach(t, after.state.answers, [{ withdrawn: true }, { withdrawn: true }])
  t.strictSame(names(runFrom(after.state, prepared).orders), ['drop-purposes'], 'its tap is not started')
  t.end()
})

t.test('several purposes are asked in turn, and what was agreed to is recorded with one tap', t => {
  const both = runFrom(
    refused,
    askNow(twoPurposes, 'service', 'marketing'),
    whispered,
    key('1'),
    asideCommitted,
  )
  t.notOk(names(both.orders).includes('prepare'))
  const next = runFrom(both.state, whispered)
  matchEach(t, next.orders, [{ order: 'ask-aside', purpose: 'marketing', attempt: 1 }])
  const end = runFrom(next.state, key('1'), asideCommitted)
  t.match(end.orders.at(-1), { order: 'prepare', purposes: exactly('service', 'marketing') })
  const cut = runFrom(next.state, fault)
  t.match(cut.orders.at(-1), { order: 'prepare', purposes: exactly('service') }, 'a fault takes nothing back')
  t.strictSame(names(runFrom(next.state, reentered).orders).includes('prepare'), false)
  t.end()
})

t.test('where a tap runs already, none is prepared', t => {
  const noticed = runFrom(beginCall(noticeLine).state, heard, committed, prepared, heard, returned).state
  const running = { ...askNow(keyLine, 'service'), untapped: [] }
  const { state, orders } = runFrom(noticed, running, whispered, key('1'), asideCommitted)
  matchEach(t, state.answers, [{ answer: 'granted', announced: { asked: true } }])
  t.notOk(names(orders).includes('prepare'))
  matchEach(t, runFrom(noticed, running, whispered, key('2'), asideCommitted).state.answers, [
    { answer: 'notice' },
  ])
  t.end()
})

t.test('what is asked is that to which no yes holds', t => {
  const wanted = (line = keyLine, state = refused) =>
    purposesToAsk(line, state.answers, state.prompts).map(({ purpose }) => purpose)
  t.strictSame(wanted(), ['service'])
  t.strictSame(wanted(twoPurposes, talking('1')), ['marketing'])
  const longer = { ...keyLine, purposes: [{ ...keyLine.purposes[0]!, retentionDays: 60 }] }
  t.strictSame(wanted(longer, talking('1')), ['service'], 'the line keeps it longer than was announced')
  t.strictSame(wanted(keyLine, runFrom(talking('1'), ...keys('*9')).state), [], 'a withdrawn yes')
  t.strictSame(wanted(noticeLine), [], 'a line that only gives notice')
  t.strictSame(wanted({ ...keyLine, mode: 'none' }), [])
  const heardThere = { ...talking('1'), prompts: promptsOf(1) }
  const agreed = runFrom({ ...heardThere, answers: [] }, askNow(keyLine, 'service'), whispered, key('1'))
  t.match(agreed.orders.at(-1), {
    order: 'commit',
    announced: [{ disclosure: { prompt: 'disclosure-key' } }],
  })
  const { state } = runFrom(agreed.state, asideCommitted)
  t.strictSame(wanted(keyLine, state), [])
  t.strictSame(wanted({ ...keyLine, disclosure: 'another' }, state), ['service'], 'in other words')
  t.strictSame(wanted(keyLine, { ...state, prompts: promptsOf(2) }), ['service'], 'in later words')
  t.end()
})

t.test('a line by voice asks for a key in a conversation', t => {
  const { orders } = runFrom(refused, askNow(voiceLine, 'service'), whispered)
  t.match(orders.at(-1), { order: 'ask-aside', prompt: 'question-by-key' })
  t.end()
})

t.test('a second question does not interrupt the first, and no step but the conversation takes one', t => {
  const first = asked(whispered).state
  t.strictSame(transition(first, askNow(keyLine, 'service')), { state: first, orders: [] })
  const { state } = beginCall(keyLine)
  t.strictSame(transition(state, askNow(keyLine, 'service')), { state, orders: [] })
  t.end()
})

t.test('a yes in a conversation that cannot be recorded is not confirmed', t => {
  const { state, orders } = asked(whispered, whispered, key('1'), asideCommitted, {
    fact: 'prepare-failed',
    lost: ['service'],
  })
  t.strictSame(names(orders).slice(-2), ['end-whisper', 'tell'])
  t.match(orders.at(-1), { role: 'refused', prompt: 'refused-service' })
  t.strictSame(names(runFrom(state, whispered).orders), ['end-whisper'], 'no tap is started')
  t.end()
})
