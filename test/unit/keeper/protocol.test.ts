// Real: the frames of the protocol, which are pure. Fake: none.
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { checkFromService } from '../../../src/keeper/check-message.js'
import {
  ackFrame,
  audioHead,
  controlFrame,
  type Frame,
  FrameReader,
  type FromKeeper,
} from '../../../src/keeper/protocol.js'

const MAX = 100_000
const audio = Buffer.from(Array.from({ length: 32_768 }, (_, i) => i % 256))
const stream = Buffer.concat([
  controlFrame({ t: 'held-all' }),
  audioHead(7, 1, 2 ** 40, 1_700_000_000_000.5, audio.length),
  audio,
  ackFrame(9, 0, 12_345),
  audioHead(7, 0, 0, 1, 0),
  controlFrame({ t: 'ping', held: 0 }),
])

/** The frames that a chunk completes. The chunk is overwritten afterwards, as the next read of the socket does. */
function framesOf(reader: FrameReader<FromKeeper>, chunk: Buffer): Frame<FromKeeper>[] {
  const read = Buffer.from(chunk)
  const frames: Frame<FromKeeper>[] = []
  for (const frame of reader.push(read))
    frames.push(frame.kind === 'audio' ? { ...frame, bytes: Buffer.from(frame.bytes) } : frame)
  read.fill(0xff)
  return frames
}

t.test('frames are decoded from a stream in pieces of any length', async t => {
  const expected = [
    { kind: 'control', control: { t: 'held-all' } },
    { kind: 'audio', pair: 7, leg: 1, offset: 2 ** 40, arrivedAt: 1_700_000_000_000.5, bytes: audio },
    { kind: 'ack', pair: 9, leg: 0, offset: 12_345 },
    { kind: 'audio', pair: 7, leg: 0, offset: 0, arrivedAt: 1, bytes: Buffer.alloc(0) },
    { kind: 'control', control: { t: 'ping', held: 0 } },
  ]
  const cutPositions = fc.array(fc.nat(stream.length), { maxLength: 20 })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(cutPositions, cuts => {
        const reader = new FrameReader<FromKeeper>(MAX)
        const frames: Frame<FromKeeper>[] = []
        const positions = [0, ...cuts.sort((a, b) => a - b), stream.length]
        for (let i = 1; i < positions.length; i++) {
          frames.push(...framesOf(reader, stream.subarray(positions[i - 1], positions[i])))
        }
        return isDeepStrictEqual(frames, expected)
      }),
      { numRuns: 100 },
    ),
  )
  const reader = new FrameReader<FromKeeper>(MAX)
  const byByte = [...stream].flatMap(byte => framesOf(reader, Buffer.of(byte)))
  t.strictSame(byByte, expected)
})

t.test('invalid frames are refused', async t => {
  const frame = (kind: number, body: Buffer): Buffer => {
    const head = Buffer.alloc(5)
    head.writeUInt32LE(body.length + 1)
    head.writeUInt8(kind, 4)
    return Buffer.concat([head, body])
  }
  const length = (bytes: number): Buffer => {
    const head = Buffer.alloc(4)
    head.writeUInt32LE(bytes)
    return head
  }
  const ack = (change: (body: Buffer) => void): Buffer => {
    const whole = ackFrame(1, 0, 5)
    change(whole.subarray(5))
    return whole
  }
  const faulty = {
    'no length at all': length(0),
    'too long': length(MAX + 1),
    'longest number': length(0xffffffff),
    'unknown kind': frame(9, Buffer.alloc(3)),
    'short audio': frame(2, Buffer.alloc(20)),
    'short acknowledgement': frame(3, Buffer.alloc(4)),
    'no JSON': frame(1, Buffer.from('{"t":')),
    'no message': frame(1, Buffer.from('"t"')),
    'JSON null': frame(1, Buffer.from('null')),
    'third leg': ack(body => body.writeUInt8(2, 4)),
    'negative offset': ack(body => body.writeDoubleLE(-1, 5)),
    'offset that is no number': ack(body => body.writeDoubleLE(Number.NaN, 5)),
    'half an offset': ack(body => body.writeDoubleLE(0.5, 5)),
  }
  const valid = { control: frame(1, Buffer.from('{"t":"ping"}')), acknowledgement: ack(() => {}) }
  for (const [what, bytes] of Object.entries(valid))
    t.equal([...new FrameReader<FromKeeper>(MAX).push(bytes)].length, 1, `a valid ${what} is accepted`)
  for (const [what, bytes] of Object.entries(faulty)) {
    const reader = new FrameReader<FromKeeper>(MAX)
    t.throws(() => [...reader.push(bytes)], { name: 'ProtocolError' }, what)
  }
})

t.test('a message is accepted only if its fields have the right types', async t => {
  const good = { t: 'want', pair: 3, from: [0, 5] }
  t.strictSame(checkFromService({ ...good }), good)
  const faulty = [
    { t: 'want', pair: 3, from: [0] },
    { t: 'want', pair: 3, from: [0, -1] },
    { t: 'want', pair: '3', from: [0, 1] },
    { t: 'take', request: 1 },
    { t: 'take', request: 1, tag: 'x'.repeat(5000) },
    { t: 'hello', version: 1, ari: { url: 'http://x', username: 'a', password: 1, app: 'b' }, service: 's' },
    { t: 'hello', version: 1, ari: null, service: 's' },
    { t: 'constructor' },
    { t: 'unheard-of' },
  ]
  for (const message of faulty) {
    t.throws(() => checkFromService(message), { name: 'ProtocolError' }, JSON.stringify(message).slice(0, 60))
  }
})
