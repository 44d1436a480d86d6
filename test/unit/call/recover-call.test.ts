// Real: one recovered call. Fake: the PBX, the journal, the recorder, the prompts, the clock.
import t from 'tap'
import type { Whereabouts } from '../../../src/call/ports.js'
import { recoverCall } from '../../../src/call/recover-call.js'
import { type ChannelId, newCallId, newEventId } from '../../../src/shared/ids.js'
import type { LinePolicy } from '../../../src/shared/policy.js'
import type { RecoveredCall } from '../../../src/shared/recovered-call.js'
import { keyLine, noticeLine, twoPurposes } from '../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../support/fakes/fake-call.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

const inApp: Whereabouts = { in: 'app', number: '100', caller: '7999' }
const yes = {
  purpose: 'service',
  answer: 'granted' as const,
  event: newEventId(),
  retentionDays: 7,
  withdrawn: false,
  recorded: false,
}

/** Recovers a call and resumes it. @param at where its channel is; null if the PBX does not say */
async function found(
  changes: Partial<RecoveredCall>,
  at: Whereabouts | null = inApp,
  {
    policy = keyLine,
    readyTap,
    startedTap,
  }: { policy?: LinePolicy; readyTap?: string; startedTap?: boolean } = {},
) {
  const clock = new FakeClock(10_000)
  const fakes = fakeCallDeps(clock, readyTap)
  const channel = fakeChannel('1.1', startedTap)
  const recovered: RecoveredCall = {
    id: newCallId(),
    channel: '1.1' as ChannelId,
    line: '100',
    policy: 1,
    startedAt: 0,
    answers: [],
    answered: true,
    disclosed: true,
    decided: false,
    returned: false,
    ...changes,
  }
  const { call, resume } = recoverCall(recovered, policy, channel, fakes.deps)
  await resume?.(at ?? undefined)
  await flushPromises()
  /** The caller hears the whole current prompt. */
  const hear = async () => {
    const [, , playback] = channel.orders.at(-1)!.split(' ')
    call.handleChannelFact({ fact: 'playing', playback: playback!, at: 20_000 })
    clock.standStill(1_000)
    call.handleChannelFact({ fact: 'played', playback: playback!, ok: true, at: 21_000 })
    await flushPromises()
  }
  return {
    ...fakes,
    clock,
    channel,
    call,
    hear,
    last: () => channel.orders.at(-1)?.split(' ').slice(0, 2).join(' '),
  }
}

t.test('a caller who heard the disclosure hears an apology and the question', async t => {
  const { channel, hear, last, types } = await found({})
  t.equal(last(), 'play interrupted')
  await hear()
  t.equal(last(), 'play question-service')
  t.notOk(channel.orders.includes('answer'), 'it was answered')
  t.strictSame(types(), ['prompt.ended', 'consent.asked'])
})

t.test('a caller who did not, or heard that of another version of the line, hears it again', async t => {
  for (const changes of [{ disclosed: false, answered: false }, { policy: 0 }]) {
    const { hear, last } = await found(changes)
    t.equal(last(), 'play interrupted')
    await hear()
    t.equal(last(), 'play disclosure-key')
  }
})

t.test(
  'a committed yes is prepared from its journal entry, then the channel returns with the tap',
  async t => {
    const { taps, hear, last } = await found({ answers: [yes] })
    t.strictSame(taps, [`prepare 100 service ${yes.event} 7`])
    t.equal(last(), 'play granted-service')
    await hear()
    t.equal(last(), 'return-to-dialplan granted')
    t.strictSame(taps.slice(1), ['handed-over /tap/new'])
  },
)

t.test('a tap that is ready is used', async t => {
  const ready = { answers: [{ ...yes, recorded: true }] }
  const { taps, channel, hear } = await found(ready, inApp, { readyTap: '/tap/old' })
  await hear()
  t.equal(channel.orders.at(-1), 'return-to-dialplan granted /tap/old')
  t.strictSame(taps, ['handed-over /tap/old'])
})

t.test('an answer has one recording: if its tap is gone, the call continues unrecorded', async t => {
  const { taps, channel } = await found({ answers: [{ ...yes, recorded: true }] })
  t.strictSame(channel.orders, ['return-to-dialplan granted null'])
  t.strictSame(taps, [])
})

t.test('a withdrawn yes is a no, and a no is not asked again', async t => {
  for (const one of [
    { ...yes, withdrawn: true },
    { ...yes, answer: 'refused' as const },
  ]) {
    const { taps, channel } = await found({ answers: [one] })
    t.strictSame(channel.orders, ['return-to-dialplan refused null'])
    t.strictSame(taps, [])
  }
})

t.test('of two purposes the open one is asked before the yes is prepared', async t => {
  const { taps, hear, last } = await found({ answers: [yes] }, inApp, { policy: twoPurposes })
  await hear()
  t.equal(last(), 'play question-marketing')
  t.strictSame(taps, [])
})

t.test('a notice that was committed needs no prompt', async t => {
  const answers = [{ ...yes, answer: 'notice' as const }]
  const { channel } = await found({ answers }, inApp, { policy: noticeLine })
  t.strictSame(channel.orders, ['return-to-dialplan notice /tap/new'])
})

t.test('a channel in the dialplan had been returned with its tap, or had left', async t => {
  const answers = [{ ...yes, recorded: true }]
  const elsewhere: Whereabouts = { in: 'dialplan' }
  const over = await found({ answers }, elsewhere, { readyTap: '/tap/old', startedTap: true })
  t.match(over.events.at(-1), { type: 'call.released', data: { tapped: true, reason: 'service-restarted' } })
  t.strictSame(over.taps, [], 'its recording continues')
  const left = await found({ answers, decided: true }, elsewhere, { readyTap: '/tap/old' })
  t.match(left.events, [{ type: 'call.released', data: { tapped: false, reason: 'left' } }])
  t.strictSame(left.taps, ['abandon /tap/old left'])
  for (const { channel, call } of [over, left]) {
    t.strictSame(channel.orders, [])
    t.equal(call.step, 'talking')
  }
})

t.test(
  'if the PBX does not say where the channel is, or the call is too old, the call continues unrecorded',
  async t => {
    const lost = await found({}, null)
    const late = await found({ startedAt: -60_000 })
    for (const { channel, events } of [lost, late]) {
      t.strictSame(channel.orders, ['return-to-dialplan failed null'])
      t.match(events[0], { data: { answer: 'failed', reason: 'service-restarted' } })
    }
    const agreed = await found({ answers: [yes] }, { in: 'unknown' }, { policy: twoPurposes })
    t.strictSame(
      agreed.channel.orders,
      ['return-to-dialplan granted /tap/new'],
      'the purpose with a yes is recorded',
    )
  },
)

t.test('the end of a prompt of the service before does not count as the end of ours', async t => {
  const { call, channel, last, events } = await found({})
  const [, , playback] = channel.orders.at(-1)!.split(' ')
  call.handleChannelFact({ fact: 'played', playback: playback!, ok: true, at: 10_001 })
  await flushPromises()
  t.equal(last(), 'play interrupted')
  t.strictSame(events, [])
})

t.test('a call that was returned to the dialplan continues unchanged', async t => {
  const { call, channel } = await found({ returned: true, answers: [yes] })
  t.equal(call.step, 'talking')
  t.ok(call.recordable)
  t.strictSame(channel.orders, [])
})

const notRecorded: LinePolicy = { ...keyLine, version: 2, mode: 'none' }

t.test('on a line that is no longer recorded, nobody is asked', async t => {
  for (const answers of [[], [{ ...yes, answer: 'refused' as const }]]) {
    const { channel, taps, types } = await found({ answers }, inApp, { policy: notRecorded })
    t.match(channel.orders, [/^return-to-dialplan (failed|refused) null$/])
    t.strictSame(taps, [])
    t.strictSame(types(), ['call.decided', 'call.released'])
  }
  const late = await found({ startedAt: -60_000 }, inApp, { policy: notRecorded })
  t.strictSame(late.channel.orders, ['return-to-dialplan failed null'])
})

t.test('on such a line an earlier yes is not recorded either', async t => {
  const deleted: LinePolicy = { ...notRecorded, purposes: [] }
  const other: LinePolicy = { ...keyLine, purposes: [{ ...keyLine.purposes[0]!, purpose: 'other' }] }
  for (const policy of [notRecorded, deleted]) {
    const { channel, taps, events } = await found({ answers: [yes] }, inApp, { policy })
    t.strictSame([channel.orders, taps], [['return-to-dialplan granted null'], []])
    t.match(events[0], {
      type: 'recording.failed',
      data: { purpose: 'service', reason: 'line-not-recorded' },
    })
    const ready = await found({ answers: [{ ...yes, recorded: true }] }, inApp, {
      policy,
      readyTap: '/tap/old',
    })
    t.strictSame(ready.channel.orders, ['return-to-dialplan granted null'])
    t.strictSame(ready.taps, ['abandon /tap/old line-not-recorded'])
  }
  const removed = await found({ answers: [yes] }, inApp, { policy: other })
  t.match(removed.channel.orders, ['play interrupted'], 'the purposes of the line in force are asked')
  t.strictSame(removed.taps, [])
})

t.test(
  'on a line that now only gives notice, the disclosure is repeated and no question follows',
  async t => {
    const { hear, channel, last } = await found({}, inApp, { policy: { ...noticeLine, version: 2 } })
    await hear()
    t.equal(last(), 'play disclosure-key')
    await hear()
    t.strictSame(channel.orders.at(-1), 'return-to-dialplan notice /tap/new')
  },
)

t.test('an answer is withdrawn on the terms that its caller heard', async t => {
  const terms = { keys: '#8', onWithdraw: 'keep', language: 'ru' } as const
  const { call, events } = await found({ returned: true, answers: [{ ...yes, recorded: true, terms }] })
  for (const digit of '*9') call.handleChannelFact({ fact: 'key', digit, at: 0 })
  t.strictSame(events, [])
  for (const digit of '#8') call.handleChannelFact({ fact: 'key', digit, at: 0 })
  t.match(events, [{ type: 'consent.withdrawn', data: { purposes: ['service'], keep: true } }])
})
