// One call that an earlier service left. Fake: the PBX, the journal, the recorder, the prompts, the clock.
import t from 'tap'
import type { Whereabouts } from '../../../src/call/ports.js'
import { recoverCall } from '../../../src/call/recover-call.js'
import { type ChannelId, newCallId, newEventId } from '../../../src/shared/ids.js'
import type { LinePolicy } from '../../../src/shared/policy.js'
import type { RecoveredCall } from '../../../src/shared/recovered-call.js'
import { fakeChannel, fakeHouse, settle } from '../../support/fake-call.js'
import { FakeClock } from '../../support/fake-clock.js'
import { keyLine, noticeLine, twoPurposes } from '../../support/policies.js'

const inApp: Whereabouts = { in: 'app', number: '100', caller: '7999' }
const yes = {
  purpose: 'service',
  answer: 'granted' as const,
  event: newEventId(),
  retentionDays: 7,
  withdrawn: false,
  recorded: false,
}

/** Takes up a call in question, and finds its channel. */
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
  const house = fakeHouse(clock, readyTap)
  const leg = fakeChannel('1.1', startedTap)
  const earlier: RecoveredCall = {
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
  const { call, found: find } = recoverCall(earlier, policy, leg, house.deps)
  await find?.(at ?? undefined)
  await settle()
  /** The prompt that is being played is heard whole. */
  const hear = async () => {
    const [, , playback] = leg.orders.at(-1)!.split(' ')
    call.hear({ fact: 'playing', playback: playback!, at: 20_000 })
    clock.stand(1_000)
    call.hear({ fact: 'played', playback: playback!, ok: true, at: 21_000 })
    await settle()
  }
  return { ...house, clock, leg, call, hear, last: () => leg.orders.at(-1)?.split(' ').slice(0, 2).join(' ') }
}

t.test('who heard the disclosure hears an apology and the question', async t => {
  const { leg, hear, last, types } = await found({})
  t.equal(last(), 'play interrupted')
  await hear()
  t.equal(last(), 'play question-service')
  t.notOk(leg.orders.includes('answer'), 'it was answered')
  t.strictSame(types(), ['prompt.ended', 'consent.asked'])
})

t.test('who did not, or heard that of another version of the line, hears it again', async t => {
  for (const changes of [{ disclosed: false, answered: false }, { policy: 0 }]) {
    const { hear, last } = await found(changes)
    t.equal(last(), 'play interrupted')
    await hear()
    t.equal(last(), 'play disclosure-key')
  }
})

t.test('a committed yes is prepared from its row in the journal, then released', async t => {
  const { taps, hear, last } = await found({ answers: [yes] })
  t.strictSame(taps, [`prepare 100 service ${yes.event} 7`])
  t.equal(last(), 'play granted-service')
  await hear()
  t.equal(last(), 'give-back granted')
  t.strictSame(taps.slice(1), ['handed-over /tap/new'])
})

t.test('a tap that is ready is used', async t => {
  const ready = { answers: [{ ...yes, recorded: true }] }
  const { taps, leg, hear } = await found(ready, inApp, { readyTap: '/tap/old' })
  await hear()
  t.equal(leg.orders.at(-1), 'give-back granted /tap/old')
  t.strictSame(taps, ['handed-over /tap/old'])
})

t.test('an answer carries one recording: where its tap is gone, the call goes on without', async t => {
  const { taps, leg } = await found({ answers: [{ ...yes, recorded: true }] })
  t.strictSame(leg.orders, ['give-back granted null'])
  t.strictSame(taps, [])
})

t.test('a yes that was taken back is none, and a no is not asked about again', async t => {
  for (const one of [
    { ...yes, withdrawn: true },
    { ...yes, answer: 'refused' as const },
  ]) {
    const { taps, leg } = await found({ answers: [one] })
    t.strictSame(leg.orders, ['give-back refused null'])
    t.strictSame(taps, [])
  }
})

t.test('of two purposes the open one is asked first', async t => {
  const { taps, hear, last } = await found({ answers: [yes] }, inApp, { policy: twoPurposes })
  await hear()
  t.equal(last(), 'play question-marketing')
  t.strictSame(taps, [])
})

t.test('a notice that was committed needs no prompt', async t => {
  const answers = [{ ...yes, answer: 'notice' as const }]
  const { leg } = await found({ answers }, inApp, { policy: noticeLine })
  t.strictSame(leg.orders, ['give-back notice /tap/new'])
})

t.test('a channel in the dialplan was handed over, or left', async t => {
  const answers = [{ ...yes, recorded: true }]
  const elsewhere: Whereabouts = { in: 'dialplan' }
  const over = await found({ answers }, elsewhere, { readyTap: '/tap/old', startedTap: true })
  t.match(over.events.at(-1), { type: 'call.released', data: { tapped: true, reason: 'service-restarted' } })
  t.strictSame(over.taps, [], 'its recording goes on')
  const left = await found({ answers, decided: true }, elsewhere, { readyTap: '/tap/old' })
  t.match(left.events, [{ type: 'call.released', data: { tapped: false, reason: 'left' } }])
  t.strictSame(left.taps, ['abandon /tap/old left'])
  for (const { leg, call } of [over, left]) {
    t.strictSame(leg.orders, [])
    t.equal(call.step, 'talking')
  }
})

t.test('where the PBX does not tell, or restarts have taken too long, the call goes on', async t => {
  const lost = await found({}, null)
  const late = await found({ startedAt: -60_000 })
  for (const { leg, events } of [lost, late]) {
    t.strictSame(leg.orders, ['give-back failed null'])
    t.match(events[0], { data: { answer: 'failed', reason: 'service-restarted' } })
  }
  const agreed = await found({ answers: [yes] }, { in: 'unknown' }, { policy: twoPurposes })
  t.strictSame(agreed.leg.orders, ['give-back granted /tap/new'], 'what was agreed to is recorded')
})

t.test('the end of a prompt that the earlier service began is not taken for that of ours', async t => {
  const { call, leg, last, events } = await found({})
  const [, , playback] = leg.orders.at(-1)!.split(' ')
  call.hear({ fact: 'played', playback: playback!, ok: true, at: 10_001 })
  await settle()
  t.equal(last(), 'play interrupted')
  t.strictSame(events, [])
})

t.test('a call that was given back is as it was', async t => {
  const { call, leg } = await found({ returned: true, answers: [yes] })
  t.equal(call.step, 'talking')
  t.ok(call.recordable)
  t.strictSame(leg.orders, [])
})

const notRecorded: LinePolicy = { ...keyLine, version: 2, mode: 'none' }

t.test('on a line that is not recorded any more, nobody is asked', async t => {
  for (const answers of [[], [{ ...yes, answer: 'refused' as const }]]) {
    const { leg, taps, types } = await found({ answers }, inApp, { policy: notRecorded })
    t.match(leg.orders, [/^give-back (failed|refused) null$/])
    t.strictSame(taps, [])
    t.strictSame(types(), ['call.decided', 'call.released'])
  }
  const late = await found({ startedAt: -60_000 }, inApp, { policy: notRecorded })
  t.strictSame(late.leg.orders, ['give-back failed null'])
})

t.test('nor is a yes recorded there that was given before', async t => {
  const deleted: LinePolicy = { ...notRecorded, purposes: [] }
  const other: LinePolicy = { ...keyLine, purposes: [{ ...keyLine.purposes[0]!, purpose: 'other' }] }
  for (const policy of [notRecorded, deleted]) {
    const { leg, taps, events } = await found({ answers: [yes] }, inApp, { policy })
    t.strictSame([leg.orders, taps], [['give-back granted null'], []])
    t.match(events[0], {
      type: 'recording.failed',
      data: { purpose: 'service', reason: 'line-not-recorded' },
    })
    const ready = await found({ answers: [{ ...yes, recorded: true }] }, inApp, {
      policy,
      readyTap: '/tap/old',
    })
    t.strictSame(ready.leg.orders, ['give-back granted null'])
    t.strictSame(ready.taps, ['abandon /tap/old line-not-recorded'])
  }
  const removed = await found({ answers: [yes] }, inApp, { policy: other })
  t.match(removed.leg.orders, ['play interrupted'], 'what the line asks now is asked')
  t.strictSame(removed.taps, [])
})

t.test('on a line that only discloses meanwhile, the disclosure comes again and no question', async t => {
  const { hear, leg, last } = await found({}, inApp, { policy: { ...noticeLine, version: 2 } })
  await hear()
  t.equal(last(), 'play disclosure-key')
  await hear()
  t.strictSame(leg.orders.at(-1), 'give-back notice /tap/new')
})

t.test('an answer is taken back on the terms that its caller was told', async t => {
  const terms = { keys: '#8', onWithdraw: 'keep', language: 'ru' } as const
  const { call, events } = await found({ returned: true, answers: [{ ...yes, recorded: true, terms }] })
  for (const digit of '*9') call.hear({ fact: 'key', digit, at: 0 })
  t.strictSame(events, [])
  for (const digit of '#8') call.hear({ fact: 'key', digit, at: 0 })
  t.match(events, [{ type: 'consent.withdrawn', data: { purposes: ['service'], keep: true } }])
})
