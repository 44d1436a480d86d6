// Real: the whisperer and its channels. Fake: the PBX, the prompts, the journal and the clock.
import t from 'tap'
import { createAriWhisper, heardBy, isWhisperChannel } from '../../../src/asterisk/ari-whisper.js'
import { createWhisperer } from '../../../src/call/run/whisperer.js'
import { AppError } from '../../../src/core/errors.js'
import { type ChannelId, newCallId } from '../../../src/core/ids.js'
import { exactly } from '../../support/assertions/exactly.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../support/fakes/fake-call.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

const CALLER = '1700000000.1' as ChannelId

interface Order {
  snoopId?: string
  channelId?: string
  playbackId?: string
}

/**
 * A PBX as Asterisk 22 is: it confirms a hangup before the channel is gone, gives its id to a new channel meanwhile, and reports
 * nothing more about that id when the old channel is gone.
 */
function fakePbx() {
  const orders: string[] = []
  const reported = new Set<string>()
  const leaving: string[] = []
  const playing = new Map<string, string>()
  let refuse: ((operation: string) => AppError | undefined) | undefined
  const send = async (_: string, operation: string, { snoopId, channelId = '', playbackId = '' }: Order) => {
    orders.push(operation)
    const refusal = refuse?.(operation)
    if (refusal) throw refusal
    if (snoopId) reported.add(snoopId)
    if (operation === 'hangup') leaving.push(channelId)
    if (operation === 'playWithId') playing.set(playbackId, channelId)
  }
  return {
    orders,
    playing,
    whisper: () => createAriWhisper(CALLER, 'consentry', send),
    refuse(how: typeof refuse) {
      refuse = how
    },
    /** The channels that were hung up are gone. */
    removeHungUp() {
      for (const channel of leaving.splice(0)) reported.delete(channel)
    },
    isReported: (playback: string) => reported.has(playing.get(playback) ?? ''),
  }
}

/** Somebody who hears whispers. */
function listener() {
  const [clock, pbx] = [new FakeClock(), fakePbx()]
  const { deps, events } = fakeCallDeps(clock)
  const told: string[] = []
  const voice = createWhisperer({
    ...{ call: newCallId(), prompts: deps.prompts, journal: deps.journal, clock },
    channel: { ...fakeChannel(CALLER), whisper: pbx.whisper },
    onWhispered: () => void told.push('told'),
    onNotWhispered: reason => void told.push(reason),
  })
  const tell = async (role: 'question' | 'granted') => {
    voice.tell('en', role, role, Promise.resolve())
    await flushPromises()
    const playback = [...pbx.playing.keys()].at(-1)!
    if (pbx.isReported(playback)) voice.playing(playback, clock.now())
    return playback
  }
  /** The prompt is played to its end, and the PBX reports that if it does report it. Then time passes. */
  const hear = async (playback: string) => {
    clock.advance(1_000)
    if (pbx.isReported(playback)) voice.played(playback, true, clock.now())
    clock.advance(10_000)
    await flushPromises()
  }
  const ends = () => events.splice(0).map(({ data }) => (data as { end: string }).end)
  return { clock, pbx, voice, told, tell, hear, ends }
}

t.test(
  'the end of a whisper is reported that begins before the channel of the one before is gone',
  async t => {
    const { clock, pbx, voice, told, tell, hear, ends } = listener()
    await tell('question')
    clock.advance(500)
    voice.endWhisper('key', clock.now())
    await flushPromises()
    const confirmation = await tell('granted')
    pbx.removeHungUp()
    await hear(confirmation)
    t.strictSame(ends(), ['key', 'complete'])
    t.strictSame(told, ['told'])
    const opened = pbx.orders.filter(order => order === 'snoopChannelWithId')
    t.equal(opened.length, 2, 'the channel was closed meanwhile')
  },
)

t.test('parts that follow each other at once are whispered through one channel', async t => {
  const { pbx, told, tell, hear } = listener()
  await hear(await tell('question'))
  await hear(await tell('granted'))
  t.strictSame(told, ['told', 'told'])
  t.strictSame(pbx.orders, ['snoopChannelWithId', 'playWithId', 'playWithId'])
})

t.test('a whisper channel that somebody has hung up is opened again, under another id', async t => {
  const pbx = fakePbx()
  const whisper = pbx.whisper()
  await whisper.play('first', '1')
  const { id } = whisper
  t.match([heardBy(id), isWhisperChannel(id)], exactly(CALLER, true))
  let refusals = 1
  pbx.refuse(operation =>
    operation === 'playWithId' && refusals-- > 0
      ? new AppError('pbx.gone', 'no such channel', { endsCall: true })
      : undefined,
  )
  await whisper.play('second', '2')
  t.not(whisper.id, id)
  t.strictSame(pbx.playing.get('2'), whisper.id)
})

t.test('a whisper that is closed before it can play is not opened again', async t => {
  const pbx = fakePbx()
  const whisper = pbx.whisper()
  pbx.refuse(operation =>
    operation === 'playWithId' ? new AppError('pbx.conflict', 'not yet in the application') : undefined,
  )
  const played = whisper.play('first', '1')
  await flushPromises()
  await whisper.close()
  await played
  t.equal(pbx.orders.filter(order => order === 'snoopChannelWithId').length, 1)
  t.equal(pbx.orders.at(-1), 'hangup')
})

t.test('a whisper to a channel that is gone ends the call', async t => {
  const pbx = fakePbx()
  pbx.refuse(() => new AppError('pbx.gone', 'no such channel', { endsCall: true }))
  await t.rejects(pbx.whisper().play('first', '1'), { code: 'pbx.gone', endsCall: true })
})
