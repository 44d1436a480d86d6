// Real: a phone's media in their thread, over UDP on loopback. Fake: the other side, a socket in another thread that sends each packet back.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import t, { type Test } from 'tap'
import { encodeG711 } from '../../../lab/audio/g711.js'
import { concatSamples, silence, tone } from '../../../lab/audio/signals.js'
import { MediaEndpoint } from '../../../lab/media/media-endpoint.js'
import { MediaLine } from '../../../lab/media/media-line.js'
import { PacketReader, PacketWriter } from '../../../lab/media/packet-log.js'
import { PACKET_SAMPLES } from '../../../lab/media/rtp.js'
import { LOOPBACK } from '../../../lab/ports.js'
import { epochMs } from '../../../lab/time.js'
import { until } from '../../support/processes/database.js'

/** How long to wait for packets, ms. */
const LIMIT_MS = 30_000
const PACKETS = 10

/** Sends each packet back and counts it. */
const ECHO = `
const { parentPort, workerData } = require('node:worker_threads')
const socket = require('node:dgram').createSocket('udp4')
socket.on('message', (datagram, { address, port }) => {
  socket.send(datagram, port, address)
  Atomics.add(workerData, 0, 1)
  Atomics.notify(workerData, 0)
})
socket.bind(0, '${LOOPBACK}', () => parentPort.postMessage(socket.address().port))
`

/** The other side: where it is, and how many packets have come to it. */
async function startEcho(t: Test) {
  const count = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const echo = new Worker(ECHO, { eval: true, workerData: count })
  t.teardown(() => echo.terminate())
  const [port] = (await once(echo, 'message')) as [number]
  return { host: LOOPBACK, port, count }
}

async function openPhone(t: Test) {
  const phone = new MediaEndpoint('alaw')
  const port = await phone.open()
  t.teardown(() => phone.close())
  return { phone, port }
}

/** Keeps this thread from doing anything until so many packets have come. @returns how many have come */
function blockUntil(count: Int32Array, packets: number): number {
  for (;;) {
    const now = Atomics.load(count, 0)
    if (now >= packets || Atomics.wait(count, 0, now, LIMIT_MS) === 'timed-out') return now
  }
}

t.test('packets leave and arrive while the program is busy', async t => {
  const { count, ...peer } = await startEcho(t)
  const { phone } = await openPhone(t)
  phone.sendTo(peer)
  t.equal(blockUntil(count, PACKETS), PACKETS)
  const end = epochMs()
  await until(() => phone.received.packets.length > 0)
  const { at } = phone.received.packets[0]!
  t.ok(at < end, 'the time of arrival is not that at which the program had time for it')
})

t.test('what one phone says after a key comes to another', async t => {
  const [speaker, listener] = [await openPhone(t), await openPhone(t)]
  const words = concatSamples(tone([400], 100), silence(20), tone([700], 100))
  speaker.phone.sendTo({ host: LOOPBACK, port: listener.port })
  void speaker.phone.press('1', 100)
  const sent = await speaker.phone.say(words)
  t.ok(Math.abs(epochMs() - sent) < LIMIT_MS, 'in epoch ms')
  const coded = encodeG711(words, 'alaw')
  const { received } = listener.phone
  const heard = () => Buffer.concat(received.packets.map(({ payload }) => payload))
  await until(() => heard().includes(coded))
  t.ok(sent >= received.packets[0]!.at, 'it was sent after the first packet had come')
})

t.test('whoever waits for a sound hears of it when it comes', async t => {
  const [speaker, listener] = [await openPhone(t), await openPhone(t)]
  speaker.phone.sendTo({ host: LOOPBACK, port: listener.port })
  await until(() => listener.phone.received.packets.length > 0)
  const heard = listener.phone.received.waitForAudio(LIMIT_MS)
  const begun = epochMs()
  void speaker.phone.say(tone([400], 100))
  t.ok((await heard)! >= begun, 'the time of its first packet')
})

t.test('packets are read in their order, whatever their size and number', async t => {
  const handedOver: SharedArrayBuffer[] = []
  const writer = new PacketWriter(memory => handedOver.push(memory))
  const reader = new PacketReader()
  const take = () => {
    for (const memory of handedOver.splice(0)) reader.add(memory)
  }
  const read = () => [...reader.read(take)].map(({ at, datagram }) => [at, datagram.length, datagram[0]])
  const found = read()
  const written = Array.from({ length: 1_000 }, (_, n) => [
    n + 0.5,
    n % 400 ? 1 + (n % 300) : 65_507,
    n % 256,
  ])
  for (const [at, length, fill] of written as [number, number, number][]) {
    writer.write(at, Buffer.alloc(length, fill))
    if (at % 7 < 1) found.push(...read())
  }
  t.strictSame([...found, ...read()], written)
})

t.test('what waits to be said when the call ends is waited for no longer', async t => {
  const { phone, port } = await openPhone(t)
  phone.sendTo({ host: LOOPBACK, port })
  const said = phone.say(silence(LIMIT_MS))
  phone.close()
  await said
  t.ok(phone.received.closed)
})

t.test('a line tells what was said late, but not of late silence', async t => {
  const { count: never, ...peer } = await startEcho(t)
  const late: number[] = []
  const noted = { received() {}, sent() {}, late: (ms: number) => void late.push(ms) }
  const line = new MediaLine('alaw', 0, noted)
  t.teardown(() => line.close())
  await line.open()
  line.sendTo(peer)
  // Nothing runs in this thread meanwhile.
  const block = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  block()
  await until(() => Atomics.load(never, 0) > 0)
  t.strictSame(late, [])
  line.queue([{ kind: 'audio', payload: new Uint8Array(PACKET_SAMPLES), mark: 1 }])
  block()
  await until(() => late.length > 0)
  t.ok(late[0]! >= 20)
})
