// Real: one call. Fake: the ear, the channel, the prompts, the journal, the recorder and the clock.
import t, { type Test } from 'tap'
import { beginCall } from '../../../../src/call/machine/call-machine.js'
import { runCall } from '../../../../src/call/run/run-call.js'
import { AppError } from '../../../../src/core/errors.js'
import { newCallId } from '../../../../src/core/ids.js'
import { spokenAnswer } from '../../../support/data/call-facts.js'
import { voiceLine } from '../../../support/data/policies.js'
import {
  type CallInQuestion as Call,
  callInQuestion,
  oneQuestion,
} from '../../../support/fakes/call-in-question.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { fakeEar } from '../../../support/fakes/fake-ear.js'

const plays = ({ channel }: Call) => channel.orders.filter(order => order.startsWith('play '))
const lastPlayed = (call: Call) => plays(call).at(-1)?.split(' ')[1]

t.test('the ear opens with the question, in the language of the call, and delays no prompt', async t => {
  const call = await callInQuestion()
  t.equal(lastPlayed(call), 'question-service', 'it plays although the ear is not open')
  const [hearing] = call.ear.hearings
  t.match(hearing, { channel: 'caller', terms: { language: 'en', engine: 'vosk', threshold: 0.7 } })
  hearing!.open()
  await call.heard()
  t.strictSame(hearing!.told, ['prompt-ended'])
})

t.test('an ear that opens after the prompt is told that the prompt has ended', async t => {
  const call = await callInQuestion()
  await call.heard()
  const [hearing] = call.ear.hearings
  hearing!.open()
  await flushPromises()
  t.strictSame(hearing!.told, ['prompt-ended'])
})

t.test('a spoken yes is journalled with its evidence in whole ms, and its words apart', async t => {
  const call = await callInQuestion()
  const [hearing] = call.ear.hearings
  hearing!.open()
  await call.heard()
  call.clock.advance(1_200)
  hearing!.say({ event: 'spoken', answer: spokenAnswer('yes', { words: 'yes please', needed: 0.85 }) })
  await flushPromises()
  const [answered] = call.dataOf('consent.answered')
  t.match(answered!.data, { answer: 'granted', method: 'voice', afterMs: 1_200 })
  t.strictSame(answered!.data.voice, {
    ...{ engine: 'vosk', model: 'ab12', class: 'yes', scores: { yes: 0.9 }, threshold: 0.7 },
    ...{ needed: 0.85, beganMs: 600, endedMs: 1_101, decidedMs: 1_650 },
  })
  t.strictSame(answered!.personal, { words: 'yes please' })
  t.strictSame(hearing!.told, ['prompt-ended', 'closed'])
  hearing!.say({ event: 'spoken', answer: spokenAnswer('no') })
  t.equal(call.dataOf('consent.answered').length, 1, 'a closed ear says nothing')
})

t.test('a yes that a key confirms is journalled as spoken, with both', async t => {
  const call = await callInQuestion(true, {
    ...oneQuestion,
    voice: { ...voiceLine.voice!, keyAfterYes: true },
  })
  call.ear.hearings[0]!.open()
  await call.heard()
  call.ear.hearings[0]!.say({ event: 'spoken', answer: spokenAnswer('yes', { words: 'yes please' }) })
  await flushPromises()
  t.strictSame(call.dataOf('consent.answered'), [])
  await call.heard()
  call.clock.advance(1_800)
  call.call.handleFact({ fact: 'key', digit: '1', at: call.clock.now() })
  await flushPromises()
  const [answered] = call.dataOf('consent.answered')
  t.match(answered!.data, {
    ...{ answer: 'granted', method: 'voice', confirmedBy: 'key', confirmedAfterMs: 1_800 },
    voice: { class: 'yes', scores: { yes: 0.9 }, threshold: 0.7 },
  })
  t.strictSame(answered!.personal, { digit: '1', words: 'yes please' })
})

t.test('speech that settles nothing is journalled, and its words are not', async t => {
  const call = await callInQuestion()
  call.ear.hearings[0]!.open()
  await call.heard()
  call.ear.hearings[0]!.say({ event: 'spoken', answer: spokenAnswer('unclear', { words: 'what' }) })
  await flushPromises()
  const [unsettled] = call.dataOf('speech.unsettled')
  t.match(unsettled, {
    data: { purpose: 'service', why: 'unclear', voice: { class: 'unclear', scores: { yes: 0.1 } } },
  })
  t.notOk('personal' in unsettled!, 'words that are no answer are not stored')
  t.strictSame(call.ear.hearings[0]!.told, ['prompt-ended', 'closed'])
  const [, second] = call.ear.hearings
  second!.open()
  await call.heard()
  second!.say({ event: 'spoken', answer: spokenAnswer('no') })
  await flushPromises()
  t.match(call.dataOf('consent.answered')[0]?.data, { answer: 'refused', method: 'voice' })
})

t.test('speech counts as begun during the prompt by when it began', async t => {
  const strict = { ...oneQuestion, bargeIn: false }
  const clock = new FakeClock()
  const ear = fakeEar()
  const { deps, events } = fakeCallDeps(clock)
  const call = runCall(newCallId(), fakeChannel('caller'), beginCall(strict), { ...deps, ear })
  await flushPromises()
  call.handleFact({ fact: 'heard' })
  await flushPromises()
  ear.hearings[0]!.open()
  await flushPromises()
  clock.advance(1_000)
  call.handleFact({ fact: 'heard' })
  const say = (beganMs: number) =>
    ear.hearings[0]!.say({ event: 'spoken', answer: spokenAnswer('no', { beganMs }) })
  say(999)
  t.match(events.at(-1), { type: 'speech.unsettled', data: { why: 'too-early' } })
  say(1_001)
  await flushPromises()
  t.ok(events.some(({ type }) => type === 'consent.answered'))
})

/** The caller is asked by key, the loss is in the journal once, and a key is the answer. */
async function isAskedByKey(t: Test, call: Call, reason: string, detail?: string): Promise<void> {
  t.strictSame(
    call.dataOf('speech.lost').map(({ data }) => data),
    [{ purpose: 'service', reason, ...(detail !== undefined && { detail }) }],
  )
  await call.heard()
  t.equal(lastPlayed(call), 'question-by-key')
  call.call.handleFact({ fact: 'key', digit: '1', at: call.clock.now() })
  await flushPromises()
  const [answered] = call.dataOf('consent.answered')
  t.match(answered!.data, { answer: 'granted', method: 'key' })
  t.notOk('voice' in answered!.data)
}

t.test('a service without an ear asks by key', async t => {
  await isAskedByKey(t, await callInQuestion(false), 'no-ear')
})

t.test('an ear that cannot be opened is lost at once, and a setting that is missing is named', async t => {
  for (const [code, message, detail] of [
    ['speech.busy', 'it hears enough', undefined],
    ['speech.not-set-up', 'set CONSENTRY_VOSK_RU', 'set CONSENTRY_VOSK_RU'],
  ] as const) {
    const call = await callInQuestion()
    call.ear.hearings[0]!.refuse(new AppError(code, message))
    await flushPromises()
    await isAskedByKey(t, call, code, detail)
  }
})

t.test('an ear that opens later than three seconds is lost, and closed when it opens', async t => {
  const call = await callInQuestion()
  const [, , playback = ''] = plays(call).at(-1)!.split(' ')
  call.call.handleChannelFact({ fact: 'playing', playback, at: call.clock.now() })
  call.clock.advance(2_999)
  await flushPromises()
  t.strictSame(call.dataOf('speech.lost'), [])
  call.clock.advance(1)
  await flushPromises()
  call.ear.hearings[0]!.open()
  await flushPromises()
  t.strictSame(call.ear.hearings[0]!.told, ['closed'])
  await isAskedByKey(t, call, 'speech.timeout')
})

t.test('an ear that is lost while it hears is closed, and tells nothing more', async t => {
  const call = await callInQuestion()
  const [hearing] = call.ear.hearings
  hearing!.open()
  await flushPromises()
  hearing!.say({ event: 'lost', reason: 'process-ended' })
  hearing!.say({ event: 'spoken', answer: spokenAnswer('yes') })
  await flushPromises()
  t.strictSame(hearing!.told, ['closed'])
  await isAskedByKey(t, call, 'process-ended')
})

t.test('a key, and a hang-up, close an ear that is open or still opens', async t => {
  for (const fact of [
    { fact: 'key', digit: '2', at: 0 },
    { fact: 'hung-up', cause: 16 },
  ] as const)
    for (const opensFirst of [true, false]) {
      const { call, ear } = await callInQuestion()
      if (opensFirst) ear.hearings[0]!.open()
      await flushPromises()
      call.handleFact(fact)
      if (!opensFirst) ear.hearings[0]!.open()
      await flushPromises()
      t.strictSame(ear.hearings[0]!.told, ['closed'], `${fact.fact}, open first: ${opensFirst}`)
    }
})
