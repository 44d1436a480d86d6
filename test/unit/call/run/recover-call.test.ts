// Real: one recovered call. Fake: the PBX, the journal, the recorder, the prompts and the clock.
import t from 'tap'
import type { Whereabouts } from '../../../../src/call/ports.js'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { keyLine, noticeLine, offeringLine, twoPurposes } from '../../../support/data/policies.js'
import { flushPromises } from '../../../support/fakes/fake-call.js'
import { inApp, onSecondLine, recover, yes } from '../../../support/fakes/recovered-call.js'

t.test('a caller who heard the disclosure hears an apology and the question', async t => {
  const { channel, hear, last, types } = await recover({})
  t.equal(last(), 'play interrupted')
  await hear()
  t.equal(last(), 'play question-service')
  t.notOk(channel.orders.includes('answer'), 'an answered channel is not answered again')
  t.strictSame(types(), ['prompt.ended', 'consent.asked'])
})

t.test('a caller who chose a language is asked on in it, and is not offered any again', async t => {
  for (const [language, expected] of [
    ['ru', 'ru'],
    [null, 'en'],
  ] as const) {
    const { events, hear, last } = await recover({ language, disclosed: false }, inApp, {
      policy: offeringLine,
    })
    await hear()
    t.equal(last(), 'play disclosure-key')
    matchEach(t, events, [{ type: 'prompt.ended', data: { prompt: 'interrupted', sha256: expected } }])
  }
})

t.test('a caller who has not heard the disclosure of this version of the line hears it again', async t => {
  const others = ['another', 'disclosure-key'].map((prompt, i) => ({
    disclosure: { prompt, version: 1 + i },
  }))
  for (const changes of [{ disclosed: false, answered: false }, { policy: 0 }, ...others]) {
    const { hear, last } = await recover(changes)
    t.equal(last(), 'play interrupted')
    await hear()
    t.equal(last(), 'play disclosure-key')
  }
})

t.test(
  'a committed yes is prepared from its journal entry, then the channel returns with the tap',
  async t => {
    const { taps, hear, last } = await recover({ answers: [yes] })
    t.strictSame(taps, [`prepare 100 service ${yes.event} 7`])
    t.equal(last(), 'play granted-service')
    await hear()
    t.equal(last(), 'return-to-dialplan granted')
    t.strictSame(taps.slice(1), ['handed-over /tap/new'])
  },
)

t.test('a ready tap of a recovered call goes to the dialplan', async t => {
  const ready = { answers: [{ ...yes, recorded: true }] }
  const { taps, channel, hear } = await recover(ready, inApp, { readyTap: '/tap/old' })
  await hear()
  t.equal(channel.orders.at(-1), 'return-to-dialplan granted /tap/old')
  t.strictSame(taps, ['handed-over /tap/old'])
})

t.test('a call whose answer has a recording, but no tap any more, continues unrecorded', async t => {
  const { taps, channel } = await recover({ answers: [{ ...yes, recorded: true }], tap: 'gone' })
  t.strictSame(channel.orders, ['return-to-dialplan granted null'])
  t.strictSame(taps, [])
})

t.test('a withdrawn yes is a no, and a no is not asked again', async t => {
  for (const one of [
    { ...yes, withdrawn: true },
    { ...yes, answer: 'refused' as const },
  ]) {
    const { taps, channel } = await recover({ answers: [one] })
    t.strictSame(channel.orders, ['return-to-dialplan refused null'])
    t.strictSame(taps, [])
  }
})

t.test('an open purpose is asked before the purpose with a yes is prepared', async t => {
  const { taps, hear, last } = await recover({ answers: [yes] }, inApp, { policy: twoPurposes })
  await hear()
  t.equal(last(), 'play question-marketing')
  t.strictSame(taps, [])
})

t.test('a notice without a committed answer is heard again, because a key may have cut it', async t => {
  const { hear, last } = await recover({}, inApp, { policy: noticeLine })
  await hear()
  t.equal(last(), 'play disclosure-key')
})

t.test('a notice that was committed needs no prompt', async t => {
  const answers = [{ ...yes, answer: 'notice' as const }]
  const { channel } = await recover({ answers }, inApp, { policy: noticeLine })
  t.strictSame(channel.orders, ['return-to-dialplan notice /tap/new'])
})

t.test('a channel in the dialplan had been returned with its tap, or had left', async t => {
  const answers = [{ ...yes, recorded: true }]
  const elsewhere: Whereabouts = { in: 'dialplan' }
  const over = await recover({ answers }, elsewhere, { readyTap: '/tap/old', startedTap: true })
  t.match(over.events.at(-1), { type: 'call.released', data: { tapped: true, reason: 'service-restarted' } })
  t.strictSame(over.taps, [], 'its recording continues')
  const left = await recover({ answers, decided: 1 }, elsewhere, { readyTap: '/tap/old' })
  matchEach(t, left.events, [{ type: 'call.released', data: { tapped: false, reason: 'left' } }])
  t.strictSame(left.taps, ['abandon /tap/old left'])
  for (const { channel, call } of [over, left]) {
    t.strictSame(channel.orders, [])
    t.equal(call.step, 'talking')
  }
})

t.test('a call that is too old, or whose channel the PBX does not find, continues unrecorded', async t => {
  const lost = await recover({}, null)
  const late = await recover({ visitStartedAt: -60_000 })
  for (const { channel, events } of [lost, late]) {
    t.strictSame(channel.orders, ['return-to-dialplan failed null'])
    t.match(events[0], { data: { answer: 'failed', reason: 'service-restarted' } })
  }
  const agreed = await recover({ answers: [yes] }, { in: 'unknown' }, { policy: twoPurposes })
  t.strictSame(
    agreed.channel.orders,
    ['return-to-dialplan granted /tap/new'],
    'the purpose with a yes is recorded',
  )
})

t.test('the end of a prompt of the service before does not count as the end of ours', async t => {
  const { call, channel, last, events } = await recover({})
  const [, , playback] = channel.orders.at(-1)!.split(' ')
  call.handleChannelFact({ fact: 'played', playback: playback!, ok: true, at: 10_001 })
  await flushPromises()
  t.equal(last(), 'play interrupted')
  t.strictSame(events, [])
})

t.test('a call that was returned to the dialplan continues unchanged', async t => {
  const { call, channel } = await recover({ returned: true, answers: [yes] })
  t.equal(call.step, 'talking')
  t.strictSame([...call.standing.agreed.keys()], ['service'])
  t.strictSame(channel.orders, [])
  const { call: without } = await recover({ returned: true })
  t.equal(without.standing.agreed.size, 0)
})

t.test('nobody is asked on while nothing could be recorded', async t => {
  for (const shed of ['store-unwritable', 'keys-unwritable'] as const) {
    const { channel, events, types } = await recover({}, inApp, { shed })
    t.strictSame(channel.orders, ['return-to-dialplan failed null'])
    t.match(events[0], { data: { answer: 'failed', reason: shed } })
    t.strictSame(types(), ['consent.answered', 'call.decided', 'call.released'])
    const agreed = await recover({ answers: [yes] }, inApp, { policy: twoPurposes, shed })
    t.match(agreed.events[0], { data: { purpose: 'marketing', answer: 'failed', reason: shed } })
    t.match(agreed.taps[0], /^prepare 100 service/, 'a purpose with a yes is tried')
    const further = await recover({}, onSecondLine, { shed })
    t.notOk(
      further.channel.orders.some(order => order.startsWith('play')),
      'nor on a further line',
    )
  }
  const { last } = await recover({ answers: [yes] }, inApp, { shed: 'store-unwritable' })
  t.equal(last(), 'play granted-service', 'whoever has answered all is asked nothing more')
  const busy = await recover({}, inApp, { shed: 'too-many-recordings' })
  t.equal(busy.last(), 'play interrupted', 'who was let in before is part of the load already')
})

t.test('nobody is asked in a call that came from inside', async t => {
  const { channel, types } = await recover({ fromInside: true, decided: 0, disclosed: false })
  t.strictSame(channel.orders, ['return-to-dialplan failed null'])
  t.strictSame(types(), ['call.passed-through', 'call.released'])
})

const notRecorded: LinePolicy = { ...keyLine, version: 2, mode: 'none' }

t.test('nobody is asked on a line that is no longer recorded', async t => {
  for (const answers of [[], [{ ...yes, answer: 'refused' as const }]]) {
    const { channel, taps, types } = await recover({ answers }, inApp, { policy: notRecorded })
    t.strictSame(channel.orders, [`return-to-dialplan ${answers[0]?.answer ?? 'failed'} null`])
    t.strictSame(taps, [])
    t.strictSame(types(), ['call.decided', 'call.released'])
  }
  const late = await recover({ visitStartedAt: -60_000 }, inApp, { policy: notRecorded })
  t.strictSame(late.channel.orders, ['return-to-dialplan failed null'])
})

t.test('an earlier yes is not recorded on a line that is no longer recorded', async t => {
  const deleted: LinePolicy = { ...notRecorded, purposes: [] }
  const other: LinePolicy = { ...keyLine, purposes: [{ ...keyLine.purposes[0]!, purpose: 'other' }] }
  for (const policy of [notRecorded, deleted]) {
    const { channel, taps, events } = await recover({ answers: [yes] }, inApp, { policy })
    t.strictSame([channel.orders, taps], [['return-to-dialplan failed null'], []])
    t.match(events[0], {
      type: 'recording.failed',
      data: { purpose: 'service', reason: 'line-not-recorded' },
    })
    const ready = await recover({ answers: [{ ...yes, recorded: true }] }, inApp, {
      policy,
      readyTap: '/tap/old',
    })
    t.strictSame(ready.channel.orders, ['return-to-dialplan failed null'])
    t.strictSame(ready.taps, ['abandon /tap/old line-not-recorded'])
  }
  const removed = await recover({ answers: [yes] }, inApp, { policy: other })
  t.equal(removed.last(), 'play interrupted', 'the purposes of the line in force are asked')
  t.equal(removed.channel.orders.length, 1)
  t.strictSame(removed.taps, [])
})

t.test(
  'a caller on a line that now only gives notice hears the disclosure again, and no question',
  async t => {
    const { hear, channel, last } = await recover({}, inApp, { policy: { ...noticeLine, version: 2 } })
    await hear()
    t.equal(last(), 'play disclosure-key')
    await hear()
    t.strictSame(channel.orders.at(-1), 'return-to-dialplan notice /tap/new')
  },
)

t.test('an answer is withdrawn on the terms that its caller heard', async t => {
  const terms = { keys: '#8', onWithdraw: 'keep', language: 'ru' } as const
  const { call, events } = await recover({ returned: true, answers: [{ ...yes, recorded: true, terms }] })
  for (const digit of '*9') call.handleChannelFact({ fact: 'key', digit, at: 0 })
  t.strictSame(events, [])
  for (const digit of '#8') call.handleChannelFact({ fact: 'key', digit, at: 0 })
  matchEach(t, events, [{ type: 'consent.withdrawn', data: { purposes: ['service'], keep: true } }])
})
