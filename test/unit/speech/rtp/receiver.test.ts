// Real: UDP sockets. Fake: the PBX that sends.
import t, { type Test } from 'tap'
import { LOOPBACK } from '../../../../lab/ports.js'
import { RtpReceiver } from '../../../../src/speech/rtp/receiver.js'
import { until } from '../../../support/processes/database.js'
import { RtpSender, rtpOf } from '../../../support/processes/rtp-sender.js'

const PACKET = new Int16Array(160).fill(1_000)

async function setUp(t: Test) {
  const samples: number[] = []
  const receiver = await RtpReceiver.open(LOOPBACK, (block, position) => {
    for (const [i, sample] of block.entries()) samples[position + i] = sample
  })
  const [pbx, stranger] = await Promise.all([RtpSender.open(), RtpSender.open()])
  t.teardown(() => {
    receiver.close()
    pbx.close()
    stranger.close()
  })
  return { receiver, pbx, stranger, samples }
}

t.test('only packets of the announced source count', async t => {
  const { receiver, pbx, stranger, samples } = await setUp(t)
  await pbx.say(PACKET, receiver.port)
  await stranger.say(PACKET, receiver.port)
  await until(() => receiver.counts.unannounced === 2)
  receiver.announce(pbx.source)
  receiver.announce(stranger.source)
  for (let i = 0; i < 20; i += 1) await stranger.sendRaw(rtpOf(PACKET, { sequence: i }), receiver.port)
  await pbx.say(new Int16Array(1_600).fill(500), receiver.port)
  await until(() => receiver.counts.placed === 10)
  t.equal(samples.length, 1_600)
  t.equal(new Set(samples).size, 1)
  t.ok(receiver.counts.unannounced < 22, 'the kernel drops the packets of others')
})

t.test('hostile packets of the announced source are counted, and change nothing', async t => {
  const { receiver, pbx, samples } = await setUp(t)
  receiver.announce(pbx.source)
  await pbx.say(new Int16Array(480).fill(500), receiver.port)
  const hostile = [
    Buffer.alloc(0),
    Buffer.from([0x80]),
    Buffer.alloc(1_400, 0xff),
    rtpOf(PACKET).subarray(0, 13),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    rtpOf(PACKET, { payloadType: 101 }),
  ]
  for (const datagram of hostile) await pbx.sendRaw(datagram, receiver.port)
  const spoofed = [
    rtpOf(PACKET, { source: 99, sequence: 65_533 }),
    rtpOf(PACKET, { sequence: 20_000, timestamp: 3 }),
    rtpOf(PACKET, { sequence: 65_531, timestamp: 0xffff_ff00 }),
  ]
  for (const datagram of spoofed) await pbx.sendRaw(datagram, receiver.port)
  await pbx.say(new Int16Array(480).fill(500), receiver.port)
  await until(() => receiver.counts.placed === 6)
  t.match(receiver.counts, { malformed: hostile.length, foreign: 1, stray: 1, duplicate: 1, filled: 0 })
  t.equal(samples.length, 960)
  t.equal(new Set(samples).size, 1)
})

t.test('a closed port takes nothing, and an address that is not of this machine is refused', async t => {
  const { receiver, pbx, samples } = await setUp(t)
  receiver.announce(pbx.source)
  const { port } = receiver
  receiver.close()
  receiver.close()
  await pbx.say(PACKET, port)
  t.equal(samples.length, 0)
  await t.rejects(
    RtpReceiver.open('192.0.2.1', () => {}),
    { code: 'speech.unavailable' },
  )
})
