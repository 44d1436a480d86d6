// Real: Asterisk, SIP callers, the orders to the PBX, the ports, the speech process, the keeper's rescue. Fake: the listener and the
// engine of the speech process, the calls.
// While a question is open, what the caller says is sent to a port, and only then.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { decodeG711, encodeG711 } from '../../lab/audio/g711.js'
import { concatSamples, silence, tone } from '../../lab/audio/signals.js'
import { Caller } from '../../lab/caller.js'
import { startPbx } from '../../lab/pbx.js'
import { LOOPBACK } from '../../lab/ports.js'
import { beatVariable } from '../../src/asterisk/beat.js'
import { startTelephony } from '../../src/asterisk/telephony.js'
import type { Arrival, ChannelFact } from '../../src/call/ports.js'
import type { ChannelId } from '../../src/core/ids.js'
import { Secret } from '../../src/core/secret.js'
import type { RtpSource } from '../../src/core/speech.js'
import { Rescue } from '../../src/keeper/rescue.js'
import { RtpReceiver } from '../../src/speech/rtp/receiver.js'
import { seededRandom } from '../support/data/seeded-random.js'
import { asteriskVersion } from '../support/processes/asterisk-version.js'
import { silent, until } from '../support/processes/database.js'
import { eventSink, startHearing, TERMS } from '../support/processes/hearing.js'

const LIMIT = 30_000
const extensions = `
exten => 700,1,Gosub(consentry,s,1)
 same =>     n,Wait(60)
`
const pbx = await startPbx({ version: asteriskVersion, dir: t.testdir({}), extensions })
t.teardown(() => pbx.stop())
const { url, username, password, app } = pbx.ari
const beat = { variable: beatVariable(app), id: 'test' }

/** Connects to the PBX as the service does. */
async function connect(t: Test) {
  const arrivals: Arrival[] = []
  const facts: { channel: ChannelId; fact: ChannelFact }[] = []
  const telephony = startTelephony(
    { url, username, password: new Secret(password), app, beat },
    {
      arrived: arrival => arrivals.push(arrival),
      fact: (channel, fact) => facts.push({ channel, fact }),
      connected() {},
      lost() {},
      bridgesFollowed() {},
    },
    silent,
  )
  await telephony.reached
  t.teardown(() => telephony.stopTakingCalls())
  return { telephony, arrivals, facts }
}
type Connection = Awaited<ReturnType<typeof connect>>

/** Places a call that is in our application and answered. */
async function place(t: Test, { arrivals }: Connection) {
  const before = arrivals.length
  const caller = await Caller.call({ sip: pbx.sip, number: '700' })
  t.teardown(() => caller.hangup())
  await until(() => arrivals.length > before)
  const { channel } = arrivals[before]!
  await channel.answer()
  await caller.waitForAnswer(LIMIT)
  return { caller, channel }
}

/** A port that collects samples. */
async function listen(t: Test) {
  const samples: number[] = []
  const receiver = await RtpReceiver.open(LOOPBACK, (block, position) => {
    for (const [i, sample] of block.entries()) samples[position + i] = sample
  })
  t.teardown(() => receiver.close())
  return { receiver, samples }
}

/** Bytes of 20 ms of 16-bit samples. */
const PACKET_BYTES = 320

/** Where each 20 ms of a sound are in another one, bytes; -1 where they are not. On a busy machine the PBX loses some. */
function placesOf(sound: Buffer, within: Buffer): number[] {
  const packets = Array.from({ length: sound.length / PACKET_BYTES }, (_, i) => i * PACKET_BYTES)
  return packets.map(at => within.indexOf(sound.subarray(at, at + PACKET_BYTES)))
}

const channelsOnPbx = async () =>
  (await pbx.cli('core show channels concise')).split('\n').filter(line => line.includes('!'))
const bridgesOnPbx = async () => (await pbx.cli('bridge show all')).split('\n').slice(1).filter(Boolean)

/** Asserts that the PBX has these calls and nothing else. */
async function hasOnlyCalls(t: Test, count: number) {
  await until(async () => (await channelsOnPbx()).length === count && (await bridgesOnPbx()).length === 0)
  t.equal((await channelsOnPbx()).length, count, 'the PBX has the callers alone')
}

t.test('what the caller says arrives as it was sent, and nothing after the end', async t => {
  const connection = await connect(t)
  const { caller, channel } = await place(t, connection)
  const { receiver, samples } = await listen(t)
  const ear = channel.feed(LOOPBACK, receiver.port)
  let source: RtpSource | undefined
  await ear.open(announced => {
    source = announced
    receiver.announce(announced)
  })
  t.match(source, { address: LOOPBACK, port: Number })
  // Any byte may be lost or doubled, so that noise shows where.
  const draw = seededRandom('what is said')
  const said = decodeG711(Buffer.from(Array.from({ length: 8_000 }, () => draw(256))), 'alaw')
  await caller.say(concatSamples(silence(200), said, silence(500)))
  const wanted = Buffer.from(said.buffer)
  const heard = () => Buffer.from(Int16Array.from(samples).buffer)
  await until(() => heard().includes(wanted.subarray(-PACKET_BYTES)))
  const places = placesOf(wanted, heard())
  const found = places.filter(place => place >= 0)
  t.comment(`${found.length} of ${places.length} packets arrived`)
  t.ok(found.length >= 0.9 * places.length, 'what the caller said is there')
  t.strictSame(
    found,
    found.toSorted((a, b) => a - b),
    'in order',
  )
  t.match(receiver.counts, { unannounced: 0, malformed: 0, foreign: 0, duplicate: 0 })
  await ear.close()
  await ear.close()
  const { placed } = receiver.counts
  await hasOnlyCalls(t, 1)
  await caller.say(tone([400], 300))
  t.equal(receiver.counts.placed, placed, 'nothing comes after the end')
  t.equal(connection.arrivals.length, 1, 'the channels of the ear are no calls')
  t.notOk(
    connection.facts.some(({ channel }) => channel.includes('-ear')),
    'and no channels with facts',
  )
})

t.test('an ear beside a prompt does not delay it', async t => {
  const connection = await connect(t)
  const sound = join(pbx.dir, 'sounds', 'agent-sentence')
  const measure = async (withEar: boolean) => {
    const { caller, channel } = await place(t, connection)
    const { receiver } = await listen(t)
    const ear = channel.feed(LOOPBACK, receiver.port)
    const begun = performance.now()
    const opened = withEar ? ear.open(source => receiver.announce(source)) : Promise.resolve()
    await channel.play(sound, `${channel.id}-prompt-0`)
    await until(() => connection.facts.some(one => one.channel === channel.id && one.fact.fact === 'playing'))
    const took = performance.now() - begun
    await opened
    await channel.stopPlaying(`${channel.id}-prompt-0`)
    await ear.close()
    await caller.hangup()
    return took
  }
  const [without, beside]: number[][] = [[], []]
  for (let i = 0; i < 5; i += 1) {
    without!.push(await measure(false))
    beside!.push(await measure(true))
  }
  const median = (times: number[]) => times.sort((a, b) => a - b)[2]!
  const [alone, both] = [median(without!), median(beside!)]
  t.comment(`the prompt begins after ${alone.toFixed(1)} ms, beside an ear after ${both.toFixed(1)} ms`)
  t.ok(both < alone + 60, 'the prompt begins at once')
})

t.test('an ear that is closed while it is opened leaves nothing', async t => {
  const connection = await connect(t)
  const { channel } = await place(t, connection)
  for (const ms of [0, 2, 5, 10, 20]) {
    const { receiver } = await listen(t)
    const ear = channel.feed(LOOPBACK, receiver.port)
    const opened = ear.open(source => receiver.announce(source)).catch(() => undefined)
    await new Promise(resolve => setTimeout(resolve, ms))
    await ear.close()
    await opened
    await hasOnlyCalls(t, 1)
  }
  const { receiver, samples } = await listen(t)
  const ear = channel.feed(LOOPBACK, receiver.port)
  await ear.open(source => receiver.announce(source))
  await until(() => samples.length > 800)
  t.ok(receiver.counts.placed >= 5, 'another one can be opened after it')
  await ear.close()
})

t.test('a caller who hangs up ends the ear, and its leftovers are removed', async t => {
  const connection = await connect(t)
  const { caller, channel } = await place(t, connection)
  const { receiver, samples } = await listen(t)
  const ear = channel.feed(LOOPBACK, receiver.port)
  await ear.open(source => receiver.announce(source))
  await until(() => samples.length > 0)
  await caller.hangup()
  await until(() => connection.facts.some(({ fact }) => fact.fact === 'hanging-up'))
  await ear.close()
  await hasOnlyCalls(t, 0)
  const late = channel.feed(LOOPBACK, receiver.port)
  await t.rejects(
    late.open(() => {}),
    { code: 'pbx.gone' },
  )
  await hasOnlyCalls(t, 0)
})

t.test('what a service that crashed has left is removed by the next, and by a new ear', async t => {
  const first = await connect(t)
  const { channel } = await place(t, first)
  const { receiver, samples } = await listen(t)
  await channel.feed(LOOPBACK, receiver.port).open(source => receiver.announce(source))
  await until(() => samples.length > 0)
  const found = await first.telephony.whereabouts()
  t.strictSame(
    [...found.values()].filter(at => at.in === 'ear'),
    [
      { in: 'ear', of: channel.id },
      { in: 'ear', of: channel.id },
    ],
    'its channels are known as ours',
  )
  const again = await listen(t)
  const ear = channel.feed(LOOPBACK, again.receiver.port)
  await ear.open(source => again.receiver.announce(source))
  await until(() => again.samples.length > 0)
  t.equal((await bridgesOnPbx()).length, 1, 'the new ear replaces the one that was left')
  first.telephony.stopTakingCalls()
  await connect(t)
  await hasOnlyCalls(t, 1)
})

t.test('the keeper rescues the caller, removes the ear, and takes it for no caller', async t => {
  const connection = await connect(t)
  const { channel } = await place(t, connection)
  const { receiver, samples } = await listen(t)
  await channel.feed(LOOPBACK, receiver.port).open(source => receiver.announce(source))
  await until(() => samples.length > 0)
  connection.telephony.stopTakingCalls()
  const rescue = new Rescue({
    url,
    username,
    password,
    app,
    beat: { variable: 'CONSENTRY_SERVICE_test', id: 'own' },
  })
  await rescue.round('service-gone')
  t.strictSame(
    rescue.unconfirmed()?.channels.map(one => one.channel),
    [channel.id],
  )
  await hasOnlyCalls(t, 1)
})

t.test('the speech process hears the caller, and its end does not touch the call', async t => {
  const hearing = await startHearing(t)
  const connection = await connect(t)
  const { caller, channel } = await place(t, connection)
  const sink = eventSink()
  const open = await hearing.open(TERMS, sink.onEvent)
  const ear = channel.feed(open.host, open.port)
  await ear.open(open.announce)
  open.promptEnded()
  const said = decodeG711(encodeG711(tone([500], 400), 'alaw'), 'alaw')
  await caller.say(concatSamples(silence(200), said, silence(500)))
  const words = createHash('sha256').update(said).digest('hex')
  t.match(await sink.first(), { event: 'heard', answer: { heard: 'yes', words } })
  process.kill(hearing.pid!, 'SIGKILL')
  await until(() => sink.events.some(({ event }) => event === 'failed'))
  t.match(sink.events.at(-1), { event: 'failed', reason: 'speech-process-ended' })
  await ear.close()
  await hasOnlyCalls(t, 1)
  await channel.checkInApplication()
})
