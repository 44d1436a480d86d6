// Real: the reading of packets, which is pure. Fake: none.
import fc from 'fast-check'
import t from 'tap'
import { encodeG711 } from '../../../../lab/audio/g711.js'
import { tone } from '../../../../lab/audio/signals.js'
import { readPacket } from '../../../../src/speech/rtp/receiver.js'
import { rtpOf } from '../../../support/processes/rtp-sender.js'

const SAMPLES = tone([440], 20)
const whole = rtpOf(SAMPLES, { sequence: 513, timestamp: 0xfedcba98, source: 0x89abcdef })

/** Inserts bytes after the header, and sets bits of the first byte. */
const changed = (bits: number, inserted: number[], appended: number[] = []): Buffer => {
  const datagram = Buffer.concat([
    whole.subarray(0, 12),
    Buffer.from(inserted),
    whole.subarray(12),
    Buffer.from(appended),
  ])
  datagram[0] = datagram[0]! | bits
  return datagram
}

t.test('a packet has its numbers and samples', async t => {
  const packet = readPacket(whole)!
  t.match(packet, { source: 0x89abcdef, sequence: 513, timestamp: 0xfedcba98 })
  t.equal(packet.samples.length, 160)
  t.strictSame(encodeG711(packet.samples, 'alaw'), encodeG711(SAMPLES, 'alaw'), 'G.711 without loss')
})

t.test('the codec is that of the payload type', async t => {
  const ulaw = rtpOf(SAMPLES, { payloadType: 0, payload: encodeG711(SAMPLES, 'ulaw') })
  t.strictSame(encodeG711(readPacket(ulaw)!.samples, 'ulaw'), encodeG711(SAMPLES, 'ulaw'))
  for (const payloadType of [1, 3, 9, 10, 13, 72, 101, 127])
    t.equal(readPacket(rtpOf(SAMPLES, { payloadType })), undefined, `payload type ${payloadType}`)
})

t.test('contributing sources, an extension and padding are left out', async t => {
  const { samples } = readPacket(whole)!
  t.strictSame(readPacket(changed(0x02, [1, 2, 3, 4, 5, 6, 7, 8]))!.samples, samples, 'two sources')
  t.strictSame(readPacket(changed(0x10, [0xbe, 0xde, 0, 1, 1, 2, 3, 4]))!.samples, samples, 'an extension')
  t.strictSame(readPacket(changed(0x20, [], [0, 0, 3]))!.samples, samples, 'padding of three bytes')
})

t.test('anything else is no packet', async t => {
  const noPacket: [string, Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from([0x80])],
    ['a header alone', whole.subarray(0, 12)],
    ['one sample', whole.subarray(0, 13)],
    ['less than 10 ms', whole.subarray(0, 12 + 79)],
    ['more than 60 ms', Buffer.concat([whole, Buffer.alloc(400)])],
    ['version 1', Buffer.concat([Buffer.from([0x40]), whole.subarray(1)])],
    ['more sources than bytes', changed(0x0f, []).subarray(0, 40)],
    ['an extension beyond the end', changed(0x10, [0xbe, 0xde, 0xff, 0xff])],
    ['padding beyond the beginning', changed(0x20, [], [255])],
    ['padding of no byte', changed(0x20, [], [0])],
    ['a STUN request', Buffer.from('000100002112a442', 'hex')],
  ]
  for (const [what, datagram] of noPacket) t.equal(readPacket(datagram), undefined, what)
})

t.test('no datagram makes it throw, or gives more than 60 ms', async t => {
  const header = fc.constantFrom(0x80, 0x90, 0xa0, 0xb0, 0x8f, 0xbf)
  const check = fc.property(fc.uint8Array({ maxLength: 700 }), fc.option(header), (bytes, first) => {
    const datagram = Buffer.from(bytes)
    if (first !== null && datagram.length > 1) [datagram[0], datagram[1]] = [first, 8]
    const length = readPacket(datagram)?.samples.length ?? 80
    return length >= 80 && length <= 480
  })
  t.doesNotThrow(() => fc.assert(check, { numRuns: 2_000 }))
})
