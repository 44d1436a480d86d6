// The call without a PBX. Fake: channel, journal, recorder, clock.
import t from 'tap'
import { begin } from '../../../src/call/call-machine.js'
import type { Fact } from '../../../src/call/call-states.js'
import { runCall } from '../../../src/call/run-call.js'
import { AppError } from '../../../src/shared/errors.js'
import { newCallId } from '../../../src/shared/ids.js'
import { fakeChannel, fakeHouse, settle } from '../../support/fake-call.js'
import { FakeClock } from '../../support/fake-clock.js'
import { keyLine, twoPurposes } from '../../support/policies.js'

const unanswered = () => new AppError('pbx.timeout', 'no answer', { retryable: true })

/**
 * A call on its way back to the dialplan whose first `continue` stays without an answer until `answer`.
 * @param key what the caller answered
 */
async function onItsWay(key: string) {
  const [clock, leg] = [new FakeClock(), fakeChannel('1.1')]
  const house = fakeHouse(clock)
  const giveBack = leg.returnToDialplan
  let answer = (_error?: Error) => {}
  leg.returnToDialplan = async (...args) => {
    await giveBack(...args)
    leg.returnToDialplan = giveBack
    await new Promise<void>((resolve, reject) => {
      answer = error => (error ? reject(error) : resolve())
    })
  }
  const call = runCall(newCallId(), leg, begin(keyLine), house.deps)
  const facts: Fact[] = [{ fact: 'heard' }, { fact: 'key', digit: key, at: 0 }, { fact: 'heard' }]
  for (const fact of facts) {
    await settle()
    call.tell(fact)
  }
  await settle()
  t.equal(call.step, 'releasing')
  const given = () => leg.orders.filter(order => order.startsWith('give-back'))
  return { ...house, clock, leg, call, given, answer: (error?: Error) => answer(error) }
}

for (const [how, error] of [
  ['comes late', undefined],
  ['is an error', unanswered()],
] as const) {
  t.test(`the channel is back before the PBX answers, and the answer ${how}`, async t => {
    const { call, events, given, answer, clock } = await onItsWay('2')
    call.tell({ fact: 're-entered', policy: keyLine })
    await settle()
    t.strictSame(given(), ['give-back refused null', 'give-back refused null'], 'it goes on at once')
    t.equal(call.step, 'talking')
    answer(error)
    await settle()
    clock.pass(10_000)
    await settle()
    t.equal(given().length, 2, 'no order of the first visit reaches the second')
    const visits = events.filter(({ type }) => /decided|released|passed/.test(type))
    t.match(visits, [
      { type: 'call.decided' },
      { type: 'call.released', data: { next: 'continue', tapped: false } },
      { type: 'call.passed-through' },
      { type: 'call.released' },
    ])
  })
}

t.test('a further purpose is asked about although the first visit was not answered for', async t => {
  const { call, leg, answer, taps } = await onItsWay('1')
  call.tell({ fact: 're-entered', policy: twoPurposes })
  await settle()
  t.equal(call.step, 'disclosing')
  answer(unanswered())
  await settle()
  t.equal(call.step, 'disclosing', 'the answer concerns a visit that is over')
  t.match(leg.orders.at(-1), /^play disclosure-key/)
  t.match(taps, [/^prepare/, 'handed-over /tap/new'], 'the recording of the first visit goes on')
})

for (const policy of [keyLine, twoPurposes]) {
  const asked = policy.purposes.length === 1 ? 'nothing more' : 'a further purpose'
  t.test(`a yes fails to be written after its caller is back and is asked ${asked}`, async t => {
    const [clock, leg] = [new FakeClock(), fakeChannel('1.1')]
    const { deps, events, taps } = fakeHouse(clock)
    let refuse = () => {}
    const refused = new Promise<void>((_, reject) => {
      refuse = () => reject(new AppError('journal.unwritten', 'too late'))
    })
    deps.journal = { ...deps.journal, append: () => refused }
    const call = runCall(newCallId(), leg, begin(keyLine), deps)
    const facts: Fact[] = [{ fact: 'heard' }, { fact: 'key', digit: '1', at: 0 }, { fact: 'left' }]
    for (const fact of [...facts, { fact: 're-entered', policy } as const]) {
      await settle()
      call.tell(fact)
    }
    await settle()
    const step = call.step
    refuse()
    await settle()
    t.equal(call.step, step, 'the second visit goes on')
    t.match(
      events.filter(({ type }) => type === 'consent.answered'),
      [{ data: { purpose: keyLine.purposes[0]!.purpose, answer: 'failed', reason: 'journal' } }],
    )
    t.notOk(call.recordable)
    t.strictSame(taps, [])
  })
}

t.test('no order is repeated to a channel that another application has by now', async t => {
  const { call, leg, given, answer, clock, events } = await onItsWay('2')
  leg.checkOurs = async () => {
    throw new AppError('pbx.conflict', 'elsewhere')
  }
  answer(unanswered())
  await settle()
  clock.pass(50)
  await settle()
  t.equal(given().length, 1)
  t.equal(call.step, 'talking')
  t.match(events.at(-1), { type: 'call.released', data: { next: 'continue' } })
})

t.test('a channel of another application gets no first order, once an event about it was lost', async t => {
  const [clock, leg] = [new FakeClock(), fakeChannel('1.1')]
  const { deps, events } = fakeHouse(clock)
  leg.checkOurs = async () => {
    throw new AppError('pbx.conflict', 'elsewhere')
  }
  const call = runCall(newCallId(), leg, begin(keyLine), deps)
  await settle()
  call.tell({ fact: 'fault', reason: 'pbx-lost' })
  await settle()
  t.notMatch(leg.orders.join(), /give-back/)
  t.equal(call.step, 'talking')
  t.match(events.at(-1), { type: 'call.released', data: { tapped: false, reason: 'left' } })
})

t.test('whoever waits for the calls that are in our hands waits for a second visit too', async t => {
  const { call, answer } = await onItsWay('2')
  answer()
  await settle()
  await call.visitOver
  call.tell({ fact: 're-entered', policy: twoPurposes })
  let over = false
  void call.visitOver.then(() => {
    over = true
  })
  await settle()
  t.notOk(over)
  call.tell({ fact: 'left' })
  await settle()
  t.ok(over)
})

t.test('a tap that comes after the channel has left and come back is given up', async t => {
  const leg = fakeChannel('1.1')
  const { deps, taps } = fakeHouse(new FakeClock())
  let ready = (_tap: string) => {}
  deps.recorder.prepare = () =>
    new Promise(resolve => {
      ready = resolve
    })
  const call = runCall(newCallId(), leg, begin(keyLine), deps)
  const facts: Fact[] = [{ fact: 'heard' }, { fact: 'key', digit: '1', at: 0 }, { fact: 'heard' }]
  for (const fact of [...facts, { fact: 'left' }, { fact: 're-entered', policy: keyLine }] as Fact[]) {
    await settle()
    call.tell(fact)
  }
  ready('/tap/late')
  await settle()
  t.strictSame(taps, ['abandon /tap/late left'])
  t.strictSame(leg.orders.at(-1), 'give-back granted null')
})

t.test('a channel that others sent on, and that comes back before it was given a tap, has none', async t => {
  const leg = fakeChannel('1.1')
  const { deps, taps, events } = fakeHouse(new FakeClock())
  leg.checkOurs = () => new Promise(() => {})
  const call = runCall(newCallId(), leg, begin(keyLine), deps)
  const facts: Fact[] = [
    { fact: 'heard' },
    { fact: 'key', digit: '1', at: 0 },
    { fact: 'fault', reason: 'prompt-cut' },
    { fact: 're-entered', policy: keyLine },
  ]
  for (const fact of facts) {
    await settle()
    call.tell(fact)
  }
  await settle()
  t.strictSame(taps.slice(1), ['handed-over /tap/new', 'abandon /tap/new left'])
  t.match(
    events.find(({ type }) => type === 'call.released'),
    { data: { tapped: false, reason: 'left' } },
  )
})
