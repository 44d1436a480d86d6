// Real: one call. Fake: the channel, the journal, the recorder and the clock.
import t from 'tap'
import { beginCall } from '../../../../src/call/machine/call-machine.js'
import type { Fact } from '../../../../src/call/machine/call-states.js'
import { runCall } from '../../../../src/call/run/run-call.js'
import { AppError } from '../../../../src/core/errors.js'
import { newCallId } from '../../../../src/core/ids.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { keyLine, twoPurposes } from '../../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

const unanswered = () => new AppError('pbx.timeout', 'no answer', { retryable: true })

/**
 * A call that is returning to the dialplan. The PBX does not reply to the first order until the test calls `answer`.
 *
 * @param key the caller's answer
 */
async function returningCall(key: string) {
  const [clock, channel] = [new FakeClock(), fakeChannel('1.1')]
  const fakes = fakeCallDeps(clock)
  const { returnToDialplan } = channel
  let answer = (_error?: Error) => {}
  channel.returnToDialplan = async (...args) => {
    await returnToDialplan(...args)
    channel.returnToDialplan = returnToDialplan
    await new Promise<void>((resolve, reject) => {
      answer = error => (error ? reject(error) : resolve())
    })
  }
  const call = runCall(newCallId(), channel, beginCall(keyLine), fakes.deps)
  const facts: Fact[] = [{ fact: 'heard' }, { fact: 'key', digit: key, at: 0 }, { fact: 'heard' }]
  for (const fact of facts) {
    await flushPromises()
    call.handleFact(fact)
  }
  await flushPromises()
  t.equal(call.step, 'releasing')
  const returns = () => channel.orders.filter(order => order.startsWith('return-to-dialplan'))
  return { ...fakes, clock, channel, call, returns, answer: (error?: Error) => answer(error) }
}

for (const [how, error] of [
  ['comes late', undefined],
  ['is an error', unanswered()],
] as const) {
  t.test(
    `a channel that re-enters before the PBX replies returns again, also if the reply ${how}`,
    async t => {
      const { call, events, returns, answer, clock } = await returningCall('2')
      call.handleFact({ fact: 're-entered', policy: keyLine })
      await flushPromises()
      t.strictSame(
        returns(),
        ['return-to-dialplan refused null', 'return-to-dialplan refused null'],
        'the channel returns again at once',
      )
      t.equal(call.step, 'talking')
      answer(error)
      await flushPromises()
      clock.advance(10_000)
      await flushPromises()
      t.equal(returns().length, 2, 'no order of the first visit reaches the second')
      const visits = events.filter(({ type }) => /decided|released|passed/.test(type))
      matchEach(t, visits, [
        { type: 'call.decided' },
        { type: 'call.released', data: { next: 'continue', tapped: false } },
        { type: 'call.passed-through' },
        { type: 'call.released' },
      ])
    },
  )
}

t.test('a further purpose is asked although the PBX did not reply in the first visit', async t => {
  const { call, channel, answer, taps } = await returningCall('1')
  call.handleFact({ fact: 're-entered', policy: twoPurposes })
  await flushPromises()
  t.equal(call.step, 'disclosing')
  answer(unanswered())
  await flushPromises()
  t.equal(call.step, 'disclosing', 'the reply concerns a visit that is over')
  t.match(channel.orders.at(-1), /^play disclosure-key/)
  matchEach(t, taps, [/^prepare/, 'handed-over /tap/new'], 'the recording of the first visit continues')
})

t.test('a call that the PBX did not answer in time is answered on the next line', async t => {
  const [clock, channel] = [new FakeClock(), fakeChannel('1.1')]
  const { answer } = channel
  channel.answer = async () => {
    throw unanswered()
  }
  const { deps, events } = fakeCallDeps(clock)
  const call = runCall(newCallId(), channel, beginCall(keyLine), deps)
  await flushPromises()
  t.match(events.find(({ type }) => type === 'call.decided')?.data, { decision: 'failed' })
  channel.answer = answer
  call.handleFact({ fact: 're-entered', policy: twoPurposes })
  await flushPromises()
  t.equal(call.step, 'disclosing')
  t.strictSame(
    channel.orders.filter(order => /^(answer|play)/.test(order)).map(order => order.split(' ')[0]),
    ['answer', 'play'],
  )
})

t.test('a yes on a further line counts in the decision, also if its caller then hangs up', async t => {
  for (const step of ['asking', 'committing', 'confirming']) {
    const { deps, events } = fakeCallDeps(new FakeClock())
    const call = runCall(newCallId(), fakeChannel('1.1'), beginCall(keyLine), deps)
    const tell = async (...facts: Fact[]) => {
      for (const fact of facts) {
        await flushPromises()
        call.handleFact(fact)
      }
      await flushPromises()
    }
    await tell({ fact: 'heard' }, { fact: 'key', digit: '2', at: 0 }, { fact: 'heard' })
    await tell({ fact: 're-entered', policy: twoPurposes }, { fact: 'heard' })
    if (step === 'committing') deps.journal.append = () => new Promise(() => {})
    if (step !== 'asking') await tell({ fact: 'key', digit: '1', at: 0 })
    t.equal(call.step, step)
    await tell({ fact: 'hung-up', cause: 16 })
    const decisions = events.flatMap(one => (one.type === 'call.decided' ? [one.data.decision] : []))
    t.strictSame(decisions, step === 'asking' ? ['refused'] : ['refused', 'granted'], step)
  }
})

for (const policy of [keyLine, twoPurposes]) {
  const asked = policy.purposes.length === 1 ? 'nothing more' : 'a further purpose'
  t.test(
    `a yes whose commit fails after its caller re-entered, and is asked ${asked}, records nothing`,
    async t => {
      const [clock, channel] = [new FakeClock(), fakeChannel('1.1')]
      const { deps, events, taps } = fakeCallDeps(clock)
      let refuse = () => {}
      const refused = new Promise<void>((_, reject) => {
        refuse = () => reject(new AppError('journal.unwritten', 'too late'))
      })
      deps.journal = { ...deps.journal, append: () => refused }
      const call = runCall(newCallId(), channel, beginCall(keyLine), deps)
      const facts: Fact[] = [{ fact: 'heard' }, { fact: 'key', digit: '1', at: 0 }, { fact: 'left' }]
      for (const fact of [...facts, { fact: 're-entered', policy } as const]) {
        await flushPromises()
        call.handleFact(fact)
      }
      await flushPromises()
      const step = policy === keyLine ? 'talking' : 'disclosing'
      t.equal(call.step, step)
      refuse()
      await flushPromises()
      t.equal(call.step, step, 'the second visit continues')
      matchEach(
        t,
        events.filter(({ type }) => type === 'consent.answered'),
        [{ data: { purpose: keyLine.purposes[0]!.purpose, answer: 'failed', reason: 'journal' } }],
      )
      t.equal(call.standing.agreed.size, 0)
      t.strictSame(taps, [])
    },
  )
}

t.test('no order is repeated to a channel that another application has', async t => {
  const { call, channel, returns, answer, clock, events } = await returningCall('2')
  channel.checkInApplication = async () => {
    throw new AppError('pbx.conflict', 'elsewhere')
  }
  answer(unanswered())
  await flushPromises()
  clock.advance(50)
  await flushPromises()
  t.equal(returns().length, 1)
  t.equal(call.step, 'talking')
  t.match(events.at(-1), { type: 'call.released', data: { next: 'continue' } })
})

t.test('a channel that was sent on before the PBX took the outcome has not left with its tap', async t => {
  const [clock, channel] = [new FakeClock(), fakeChannel('1.1')]
  const { deps, events, taps } = fakeCallDeps(clock)
  channel.tell = async () => {
    throw unanswered()
  }
  channel.checkInApplication = async () => {
    throw new AppError('pbx.conflict', 'the keeper has sent it on')
  }
  const call = runCall(newCallId(), channel, beginCall(keyLine), deps)
  const facts: Fact[] = [{ fact: 'heard' }, { fact: 'key', digit: '1', at: 0 }, { fact: 'heard' }]
  for (const fact of facts) {
    await flushPromises()
    call.handleFact(fact)
  }
  await flushPromises()
  clock.advance(50)
  await flushPromises()
  t.equal(call.step, 'talking')
  t.match(events.at(-1), { type: 'call.released', data: { tapped: false, reason: 'left' } })
  matchEach(t, taps, [/^prepare/, 'handed-over /tap/new', 'abandon /tap/new left'])
})

t.test('a channel of another application gets no first order after an event about it was lost', async t => {
  const [clock, channel] = [new FakeClock(), fakeChannel('1.1')]
  const { deps, events } = fakeCallDeps(clock)
  channel.checkInApplication = async () => {
    throw new AppError('pbx.conflict', 'elsewhere')
  }
  const call = runCall(newCallId(), channel, beginCall(keyLine), deps)
  await flushPromises()
  call.handleFact({ fact: 'fault', reason: 'pbx-lost' })
  await flushPromises()
  t.notMatch(channel.orders.join(), /return-to-dialplan/)
  t.equal(call.step, 'talking')
  t.match(events.at(-1), { type: 'call.released', data: { tapped: false, reason: 'left' } })
})

t.test('`visitEnded` waits for a second visit too', async t => {
  const { call, answer } = await returningCall('2')
  answer()
  await flushPromises()
  await call.visitEnded
  call.handleFact({ fact: 're-entered', policy: twoPurposes })
  let over = false
  void call.visitEnded.then(() => {
    over = true
  })
  await flushPromises()
  t.notOk(over)
  call.handleFact({ fact: 'left' })
  await flushPromises()
  t.ok(over)
})

t.test('a tap that is ready after the channel has left and re-entered is abandoned', async t => {
  const channel = fakeChannel('1.1')
  const { deps, taps } = fakeCallDeps(new FakeClock())
  let ready = (_tap: string) => {}
  deps.recorder.prepare = () =>
    new Promise(resolve => {
      ready = resolve
    })
  const call = runCall(newCallId(), channel, beginCall(keyLine), deps)
  const facts: Fact[] = [{ fact: 'heard' }, { fact: 'key', digit: '1', at: 0 }, { fact: 'heard' }]
  for (const fact of [...facts, { fact: 'left' }, { fact: 're-entered', policy: keyLine }] as Fact[]) {
    await flushPromises()
    call.handleFact(fact)
  }
  ready('/tap/late')
  await flushPromises()
  t.strictSame(taps, ['abandon /tap/late left'])
  t.strictSame(channel.orders.at(-1), 'return-to-dialplan granted null')
})

t.test('a channel that left by itself and re-enters before it got its tap has no tap', async t => {
  const channel = fakeChannel('1.1')
  const { deps, taps, events } = fakeCallDeps(new FakeClock())
  channel.checkInApplication = () => new Promise(() => {})
  const call = runCall(newCallId(), channel, beginCall(keyLine), deps)
  const facts: Fact[] = [
    { fact: 'heard' },
    { fact: 'key', digit: '1', at: 0 },
    { fact: 'fault', reason: 'prompt-cut' },
    { fact: 're-entered', policy: keyLine },
  ]
  for (const fact of facts) {
    await flushPromises()
    call.handleFact(fact)
  }
  await flushPromises()
  t.strictSame(taps.slice(1), ['handed-over /tap/new', 'abandon /tap/new left'])
  t.match(
    events.find(({ type }) => type === 'call.released'),
    { data: { tapped: false, reason: 'left' } },
  )
})
