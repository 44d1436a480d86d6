// Real: the call machine, which is pure. Fake: none.
import t from 'tap'
import { transition } from '../../../../src/call/machine/call-machine.js'
import type { Fact, Order } from '../../../../src/call/machine/call-states.js'
import type { LinePolicy, VoicePolicy } from '../../../../src/core/policy.js'
import {
  committed,
  heard,
  hearingLost,
  key,
  recoveredOn,
  recoveredState,
  run,
  runFrom,
  says,
  silence,
} from '../../../support/data/call-facts.js'
import { keyLine, noticeLine, voiceLine } from '../../../support/data/policies.js'

const withVoice = (change: Partial<VoicePolicy>): LinePolicy => ({
  ...voiceLine,
  voice: { ...voiceLine.voice!, ...change },
})
/** The prompts of the questions that were asked, in order. */
const asked = (orders: readonly Order[]) =>
  orders.flatMap(order => (order.order === 'ask' ? [order.prompt] : []))
const notes = (orders: readonly Order[]) =>
  orders.flatMap(order => (order.order === 'note-speech' ? [order.why] : []))
/** Facts until the caller has heard the question and is waited for. */
const waited = [heard, heard]

t.test('a spoken yes is committed with what was heard, and recorded like one by key', async t => {
  const yes = says('yes', { words: 'yes' })
  const { orders, state } = run(voiceLine, ...waited, yes)
  t.match(orders.at(-1), { order: 'commit', answer: 'granted', method: 'voice', spoken: yes.spoken })
  t.equal(state.step, 'committing')
  t.match(runFrom(state, committed).orders[0], { order: 'confirm', role: 'granted' })
})

t.test('a spoken no refuses, and the question of the next purpose hears the caller again', async t => {
  const { orders } = run(voiceLine, ...waited, says('no'), committed, heard)
  t.match(
    orders.find(({ order }) => order === 'commit'),
    { answer: 'refused', method: 'voice' },
  )
  const terms = { language: 'en', engine: 'vosk', threshold: 0.7 }
  t.strictSame(
    orders.flatMap(order => (order.order === 'begin-hearing' ? [order.terms] : [])),
    [terms, terms],
  )
  t.strictSame(asked(orders), ['question-service', 'question-marketing'])
})

t.test('a line that keeps spoken answers asks for the sound of a yes, and others do not', async t => {
  const keepAnswer = { retentionDays: 30, legalBasis: 'proof' }
  const terms = (policy: LinePolicy) =>
    run(policy, heard).orders.flatMap(order => (order.order === 'begin-hearing' ? [order.terms.keepYes] : []))
  t.strictSame([terms(withVoice({ keepAnswer })), terms(voiceLine)], [[true], [undefined]])
})

t.test('the first valid answer settles: what comes after it changes nothing', async t => {
  const byKey = run(voiceLine, ...waited, key('2'))
  t.strictSame(transition(byKey.state, says('yes')), { state: byKey.state, orders: [] })
  const bySpeech = run(voiceLine, ...waited, says('no'))
  t.strictSame(transition(bySpeech.state, key('1')).orders, [])
  t.match(bySpeech.orders.at(-3), { order: 'end-hearing' })
})

t.test('the hearing begins after the prompt, and is told when the prompt has ended', async t => {
  const names = run(voiceLine, ...waited).orders.map(({ order }) => order)
  t.strictSame(names, ['answer', 'disclose', 'ask', 'begin-hearing', 'tell-prompt-ended', 'wait'])
})

t.test('unclear speech is asked again once, and then for a key alone', async t => {
  const twice = run(voiceLine, ...waited, says('unclear'), heard, says('unclear'), heard)
  t.strictSame(asked(twice.orders), ['question-service', 'question-service', 'question-by-key'])
  t.strictSame(notes(twice.orders), ['unclear', 'unclear'])
  t.notOk(twice.state.asked.hearing)
  t.strictSame(transition(twice.state, says('yes')).orders, [], 'nothing is heard any more')
  t.match(transition(twice.state, key('1')).orders.at(-1), { answer: 'granted', method: 'key' })
})

t.test('a weak yes is asked again for a clear one, or for a key, as the line says', async t => {
  const confirm = run(voiceLine, ...waited, says('weak'))
  t.strictSame(asked(confirm.orders), ['question-service', 'question-confirm'])
  t.strictSame(notes(confirm.orders), ['weak'])
  t.match(runFrom(confirm.state, heard, says('yes')).orders.at(-1), { answer: 'granted', method: 'voice' })
  t.match(runFrom(confirm.state, heard, says('no')).orders.at(-1), { answer: 'refused' })
  for (const again of ['weak', 'unclear'] as const)
    t.strictSame(asked(runFrom(confirm.state, heard, says(again)).orders), ['question-by-key'], again)
  const byKey = run(withVoice({ weak: 'key' }), ...waited, says('weak'))
  t.strictSame(asked(byKey.orders), ['question-service', 'question-by-key'])
})

t.test('a line that wants a key after a spoken yes does not take the yes alone', async t => {
  const strict = withVoice({ keyAfterYes: true })
  const { orders, state } = run(strict, ...waited, says('yes'))
  t.strictSame(asked(orders), ['question-service', 'question-after-yes'])
  t.strictSame(notes(orders), ['needs-key'])
  t.strictSame(runFrom(state, heard, says('yes')).orders.at(-1), { order: 'wait', ms: 5_000 })
  t.strictSame(asked(runFrom(state, heard, silence).orders), ['question-after-yes'])
  t.match(run(strict, ...waited, says('no')).orders.at(-1), { answer: 'refused', method: 'voice' })
})

t.test(
  'a spoken yes that a key confirms was given by voice; without the yes the key is the answer',
  async t => {
    const strict = withVoice({ keyAfterYes: true })
    const yes = says('yes', { words: 'yes' })
    const { state } = run(strict, ...waited, { ...yes, at: 10_000 })
    const confirmed = {
      answer: 'granted',
      method: 'voice',
      spoken: yes.spoken,
      digit: '1',
      confirmedAfterMs: 2_500,
    }
    for (const again of [[], [heard, silence]])
      t.match(runFrom(state, ...again, heard, key('1', 12_500)).orders.at(-1), confirmed)
    const refused = runFrom(state, heard, key('2', 12_500))
    t.match(refused.orders.at(-1), { answer: 'refused', method: 'key', spoken: undefined })
    t.match(run(strict, ...waited, key('1')).orders.at(-1), { method: 'key', spoken: undefined })
    const next = runFrom(state, heard, key('1'), committed, heard, key('1')).orders.at(-1)
    t.match(
      next,
      { answer: 'granted', method: 'key', spoken: undefined },
      'the yes is of its own question alone',
    )
  },
)

t.test('while the question plays, nothing that is said is an answer', async t => {
  const { state } = run(voiceLine, heard)
  t.equal(state.step, 'asking')
  for (const said of ['yes', 'no', 'weak', 'unclear'] as const)
    t.strictSame(transition(state, says(said)), { state, orders: [] }, said)
})

t.test('where prompts play in full, speech that began during them does not count', async t => {
  const whole: LinePolicy = { ...voiceLine, bargeIn: false }
  const begunEarly = run(whole, ...waited, { ...says('no'), duringPrompt: true })
  t.strictSame([begunEarly.state.step, notes(begunEarly.orders)], ['waiting', ['too-early']])
  t.match(run(whole, ...waited, says('yes')).orders.at(-1), { order: 'commit', answer: 'granted' })
})

t.test('a yes that was heard otherwise than the line says is no yes', async t => {
  const terms = { language: 'en', engine: 'vosk', threshold: 0.7 } as const
  for (const [why, more] of Object.entries({
    'another engine': { engine: 'embedded' },
    'another language': { terms: { ...terms, language: 'ru' } },
    'a lower threshold': { terms: { ...terms, threshold: 0.6 } },
    'a low score': { scores: { yes: 0.69 } },
    'a doubt of the engine': { reason: 'grammar' },
  } as const)) {
    const { orders } = run(voiceLine, ...waited, says('yes', more))
    t.strictSame(notes(orders), ['unclear'], why)
    t.notOk(
      orders.some(({ order }) => order === 'commit'),
      why,
    )
  }
})

t.test('if nothing hears the caller, the question plays on, and the one for a key follows', async t => {
  const { orders, state } = run(voiceLine, heard, hearingLost)
  t.match(orders.at(-1), { order: 'note-hearing-lost', purpose: 'service', reason: 'speech.failed' })
  t.equal(state.step, 'asking')
  t.strictSame(asked(runFrom(state, heard).orders), ['question-by-key'])
  const waiting = run(voiceLine, ...waited, hearingLost)
  t.strictSame(asked(waiting.orders), ['question-service', 'question-by-key'])
  t.strictSame(transition(waiting.state, hearingLost).orders, [], 'it is told once')
  const next = runFrom(state, heard, key('2'), committed, heard)
  t.strictSame(asked(next.orders).at(-1), 'question-marketing')
  t.match(next.orders.at(-1), { order: 'begin-hearing' }, 'the next question is heard again')
})

t.test('silence repeats the question as often as the line says, at most twice by speech', async t => {
  const patient: LinePolicy = { ...voiceLine, retries: 2 }
  const { orders } = run(patient, ...waited, silence, heard, silence, heard, silence)
  t.strictSame(asked(orders), ['question-service', 'question-service', 'question-by-key'])
  t.match(orders.at(-1), { order: 'commit', answer: 'silent', method: 'none' })
})

t.test('a caller who speaks when the wait ends is waited for, once', async t => {
  const speaking: Fact = { fact: 'speaking' }
  const began = run(voiceLine, ...waited, speaking)
  t.strictSame(began.orders.at(-1), { order: 'wait', ms: 5_000 }, 'the wait is not cut short')
  const extended = transition(began.state, silence)
  t.strictSame(extended.orders, [{ order: 'wait', ms: 4_000 }])
  t.match(transition(extended.state, says('yes')).orders.at(-1), { answer: 'granted', method: 'voice' })
  const noise = runFrom(extended.state, speaking, silence)
  t.strictSame(asked(noise.orders), ['question-service'], 'no noise holds the question open')
})

t.test('whoever has spoken, and does not speak any more, is not waited for', async t => {
  const whole: LinePolicy = { ...voiceLine, bargeIn: false }
  const early = { ...says('yes'), duringPrompt: true }
  const { orders, state } = run(whole, ...waited, { fact: 'speaking' }, early, silence)
  t.strictSame(notes(orders), ['too-early'])
  t.strictSame(asked(orders), ['question-service', 'question-service'])
  t.notOk(state.asked.speaking)
})

t.test('a service that restarts in the question asks again, and no speech from before is a yes', async t => {
  const fresh = recoveredState(voiceLine)
  for (const fact of [says('yes'), says('no')]) {
    t.strictSame(transition(fresh, fact).orders, [])
    const apologising = transition(fresh, recoveredOn(voiceLine)).state
    t.strictSame(transition(apologising, fact).orders, [])
  }
  const { orders } = runFrom(fresh, recoveredOn(voiceLine), heard)
  t.strictSame(asked(orders), ['question-service'])
  t.match(orders.at(-1), { order: 'begin-hearing' })
})

t.test('lines that do not hear take no speech', async t => {
  for (const line of [keyLine, noticeLine])
    for (const before of [[], [heard], waited])
      t.strictSame(transition(run(line, ...before).state, says('yes')).orders, [], line.mode)
})
