// Real: the conversation in which a prompt is recorded. Fake: the PBX, the prompts, the intake and the clock.
import t from 'tap'
import { recordByPhone } from '../../../../src/call/run/phone-recording.js'
import { AppError } from '../../../../src/core/errors.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

/** A phone that was answered. @param usable whether each recording can be a prompt */
function setUp(...usable: boolean[]) {
  const clock = new FakeClock(0)
  const { deps } = fakeCallDeps(clock)
  const channel = fakeChannel('1.1')
  const { orders } = channel
  let playing = ''
  channel.play = async (media, id) => {
    orders.push(`play ${media}`)
    playing = id
  }
  channel.stopPlaying = async () => void orders.push('stop')
  const recorder = {
    start: async () => void orders.push('record'),
    async play(id: string) {
      orders.push('play-back')
      playing = id
    },
    read: async () => Buffer.from('sound'),
    remove: async () => void orders.push('remove'),
  }
  const kept: string[] = []
  const take = {
    language: 'en' as const,
    async check() {
      if (!usable.shift()) throw new AppError('request.invalid', 'silent')
    },
    async keep(sound: Buffer) {
      kept.push(sound.toString())
      return 7
    },
  }
  const one = recordByPhone(channel, recorder, take, deps)
  const at = 0
  return {
    ...{ one, orders, kept, clock },
    async begins() {
      await flushPromises()
      one.handleChannelFact({ fact: 'playing', playback: playing, at })
    },
    async played() {
      await flushPromises()
      one.handleChannelFact({ fact: 'played', playback: playing, ok: true, at })
      await flushPromises()
    },
    async recorded(ok = true) {
      await flushPromises()
      one.handleChannelFact({ fact: 'recorded', ok, at })
      await flushPromises()
    },
    async press(digit: string) {
      await flushPromises()
      one.handleChannelFact({ fact: 'key', digit, at })
      await flushPromises()
    },
  }
}

t.test('what is kept is saved, and removed from the PBX', async t => {
  const { one, orders, kept, played, recorded, press } = setUp(true)
  await played()
  await recorded()
  await played()
  await press('5')
  await press('1')
  await played()
  await one.visitEnded
  t.strictSame(orders, [
    ...['answer', 'play record-speak', 'record', 'play-back', 'play record-review', 'stop'],
    ...['play record-kept', 'remove', 'hang-up'],
  ])
  t.strictSame(kept, ['sound'])
  t.match(one, { version: 7, reason: undefined })
})

t.test('key 2 records again, also while it is played back', async t => {
  const { orders, played, recorded, press } = setUp(true, true)
  await played()
  await recorded()
  await press('2')
  await played()
  t.strictSame(orders.slice(2), ['record', 'play-back', 'stop', 'play record-speak', 'record'])
  await recorded()
})

t.test('a sound that cannot be a prompt is told, five times at most', async t => {
  const { one, orders, played, recorded } = setUp()
  for (let i = 0; i < 5; i += 1) {
    await played()
    await recorded(i % 2 === 0)
    await played()
  }
  await one.visitEnded
  t.equal(orders.filter(order => order === 'play record-unusable').length, 5)
  t.match(one, { version: undefined, reason: 'too-many-takes' })
})

t.test('whoever presses nothing keeps nothing', async t => {
  const { one, kept, clock, played, recorded } = setUp(true)
  await played()
  await recorded()
  await played()
  await played()
  await clock.advanceAndWait(10_000)
  await one.visitEnded
  t.strictSame(kept, [])
  t.equal(one.reason, 'not-kept')
})

t.test('whoever hangs up keeps nothing, and a fault says why', async t => {
  const hung = setUp(true)
  await hung.played()
  hung.one.handleChannelFact({ fact: 'hung-up', cause: null, at: 0 })
  await hung.one.visitEnded
  t.match(hung.one, { version: undefined, reason: undefined })
  t.strictSame(hung.orders.slice(-2), ['remove', 'hang-up'])
  const failed = setUp(true)
  await failed.played()
  failed.one.handleFact({ fact: 'fault', reason: 'pbx-lost' })
  await failed.one.visitEnded
  t.equal(failed.one.reason, 'pbx-lost')
})

t.test('a phone is hung up if the check of the prompt files hangs', async t => {
  const clock = new FakeClock(0)
  const { deps } = fakeCallDeps(clock)
  deps.prompts.ready = () => new Promise(() => {})
  const channel = fakeChannel('1.1')
  const nothing = async () => {}
  const recorder = { start: nothing, play: nothing, read: async () => Buffer.alloc(0), remove: nothing }
  const take = { language: 'en' as const, check: nothing, keep: async () => 1 }
  const one = recordByPhone(channel, recorder, take, deps)
  await clock.advanceAndWait(999, flushPromises)
  t.strictSame(channel.orders, ['answer'])
  await clock.advanceAndWait(1, flushPromises)
  t.strictSame(channel.orders, ['answer', 'hang-up'])
  t.equal(one.reason, 'prompt.slow')
})

t.test('a phone is hung up if the PBX does not begin to play, and not while it plays', async t => {
  const silent = setUp(true)
  await silent.clock.advanceAndWait(2_000, flushPromises)
  t.equal(silent.one.reason, 'prompt-not-started')
  t.strictSame(silent.orders, ['answer', 'play record-speak', 'remove', 'hang-up'])
  const { orders, played, begins, clock } = setUp(true)
  await begins()
  await clock.advanceAndWait(2_000, flushPromises)
  await played()
  t.strictSame(orders, ['answer', 'play record-speak', 'record'])
})
