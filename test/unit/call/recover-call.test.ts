// Real: one recovered call. Fake: the PBX, the journal, the recorder, the prompts and the clock.
import t from 'tap'
import type { Whereabouts } from '../../../src/call/ports.js'
import { recoverCall } from '../../../src/call/recover-call.js'
import { type ChannelId, newCallId, newEventId } from '../../../src/shared/ids.js'
import type { LinePolicy } from '../../../src/shared/policy.js'
import type { RecoveredCall } from '../../../src/shared/recovered-call.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { keyLine, noticeLine, twoPurposes } from '../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../support/fakes/fake-call.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

const inApp: Whereabouts = { in: 'app', number: '100', caller: '7999' }
/** The line that a caller reaches after the first one. */
const second: LinePolicy = {
  ...keyLine,
  number: '200',
  version: 3,
  purposes: twoPurposes.purposes.filter(({ purpose }) => purpose === 'marketing'),
}
const onSecondLine: Whereabouts = { ...inApp, number: second.number }
const yes = {
  purpose: 'service',
  answer: 'granted' as const,
  event: newEventId(),
  retentionDays: 7,
  withdrawn: false,
  recorded: false,
  earlier: false,
}

/**
 * Recovers a call and resumes it.
 *
 * @param at where its channel is; null if the PBX does not say
 */
async function recover(
  changes: Partial<RecoveredCall>,
  at: Whereabouts | null = inApp,
  {
    policy = keyLine,
    readyTap,
    startedTap,
    hasAudio = false,
  }: { policy?: LinePolicy; readyTap?: string; startedTap?: boolean; hasAudio?: boolean } = {},
) {
  const clock = new FakeClock(10_000)
  const fakes = fakeCallDeps(clock, readyTap)
  fakes.deps.recorder.isUnused = async () => !hasAudio
  const channel = fakeChannel('1.1', startedTap)
  const recovered: RecoveredCall = {
    id: newCallId(),
    channel: '1.1' as ChannelId,
    line: '100',
    policy: 1,
    visitStartedAt: 0,
    answers: [],
    answered: true,
    disclosed: true,
    decided: null,
    tap: readyTap ?? null,
    returned: false,
    ...changes,
  }
  const lineOf = (number: string) => (number === second.number ? second : policy)
  const { call, resume } = recoverCall(recovered, lineOf, channel, fakes.deps)
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
  const { channel, hear, last, types } = await recover({})
  t.equal(last(), 'play interrupted')
  await hear()
  t.equal(last(), 'play question-service')
  t.notOk(channel.orders.includes('answer'), 'an answered channel is not answered again')
  t.strictSame(types(), ['prompt.ended', 'consent.asked'])
})

t.test('a caller who has not heard the disclosure of this version of the line hears it again', async t => {
  for (const changes of [{ disclosed: false, answered: false }, { policy: 0 }]) {
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
  const { taps, channel } = await recover({ answers: [{ ...yes, recorded: true }], tap: '/tap/gone' })
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
  t.ok(call.recordable)
  t.strictSame(channel.orders, [])
  const { call: without } = await recover({ returned: true })
  t.notOk(without.recordable, 'without a yes it is not recordable')
})

/** A call whose caller agreed on the first line, was recorded, and is asked on the second line now. */
const earlier = { ...yes, recorded: true, earlier: true }
const cameBack = {
  line: second.number,
  policy: second.version,
  disclosed: false,
  answers: [earlier],
  decided: 1,
}
const secondYes = { ...yes, purpose: 'marketing' }
const agreedTwice = { ...cameBack, answers: [earlier, secondYes] }

t.test('a caller on a second line hears its disclosure, and is asked what it asks', async t => {
  const { hear, last, taps } = await recover(cameBack, onSecondLine)
  for (const prompt of ['interrupted', 'disclosure-key', 'question-marketing']) {
    t.equal(last(), `play ${prompt}`)
    await hear()
  }
  t.strictSame(taps, [])
})

t.test('a yes on a second line is recorded, and what the first line did with its yes stays', async t => {
  for (const recorded of [true, false]) {
    const answers = [{ ...earlier, recorded }, secondYes]
    const { taps, hear, last, types } = await recover({ ...cameBack, answers }, onSecondLine)
    t.strictSame(taps, [`prepare 200 marketing ${yes.event} 7`])
    await hear()
    t.equal(last(), 'return-to-dialplan granted')
    t.strictSame(types(), ['prompt.ended', 'call.decided', 'call.released'])
  }
  const prepared = [earlier, { ...secondYes, recorded: true }]
  const ready = await recover({ ...cameBack, answers: prepared }, onSecondLine, { readyTap: '/tap/two' })
  await ready.hear()
  t.equal(ready.channel.orders.at(-1), 'return-to-dialplan granted /tap/two')
})

t.test('an earlier yes that was not recorded is neither confirmed nor prepared on a second line', async t => {
  const no = { ...secondYes, answer: 'refused' as const }
  const answers = [{ ...earlier, recorded: false }, no]
  const { taps, channel } = await recover({ ...cameBack, answers }, onSecondLine)
  t.strictSame([channel.orders, taps], [['return-to-dialplan granted null'], []])
})

t.test('a yes on a second line is recorded although nothing can be asked any more', async t => {
  const late = await recover({ ...agreedTwice, visitStartedAt: -60_000 }, onSecondLine)
  const lost = await recover(agreedTwice, null)
  const unknown = await recover(agreedTwice, { in: 'unknown' })
  for (const { channel } of [late, lost, unknown])
    t.strictSame(channel.orders, ['return-to-dialplan granted /tap/new'])
})

t.test('only what the second line asks fails there', async t => {
  const late = await recover({ ...cameBack, visitStartedAt: -60_000 }, onSecondLine)
  const gone = await recover(cameBack, { in: 'dialplan' })
  for (const { events } of [late, gone])
    matchEach(
      t,
      events.filter(({ type }) => type === 'consent.answered'),
      [{ data: { purpose: 'marketing', answer: 'failed' } }],
    )
})

t.test('a caller who reached another line before the return was journalled is asked there anew', async t => {
  const answers = [{ ...yes, recorded: true }]
  const options = { readyTap: '/tap/one', hasAudio: true }
  const { taps, events, last, hear } = await recover({ answers }, onSecondLine, options)
  t.match(events.find(({ type }) => type === 'call.released')?.data, { tapped: true })
  t.equal(last(), 'play disclosure-key')
  await hear()
  t.equal(last(), 'play question-marketing')
  t.strictSame(taps, [], 'the recording of the first line continues')
  const asked = await recover({}, onSecondLine)
  t.match(asked.events[0]?.data, { purpose: 'service', answer: 'failed', reason: 'left' })
  t.equal(asked.last(), 'play disclosure-key', 'the disclosure of the first line does not count')
})

t.test('a tap that has audio is not handed over again', async t => {
  const options = { readyTap: '/tap/one', hasAudio: true }
  const { channel, taps } = await recover({ answers: [{ ...yes, recorded: true }] }, inApp, options)
  t.strictSame([channel.orders, taps], [['return-to-dialplan granted null'], []])
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
    t.strictSame([channel.orders, taps], [['return-to-dialplan granted null'], []])
    t.match(events[0], {
      type: 'recording.failed',
      data: { purpose: 'service', reason: 'line-not-recorded' },
    })
    const ready = await recover({ answers: [{ ...yes, recorded: true }] }, inApp, {
      policy,
      readyTap: '/tap/old',
    })
    t.strictSame(ready.channel.orders, ['return-to-dialplan granted null'])
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
