// Real: WAV files in memory. Fake: none.
import t from 'tap'
import { encodeWav, lengthMs, readWav, type Sound } from '../../../../src/lib/audio-formats/wav.js'
import { HEADER_BYTES, wavHeader } from '../../../../src/lib/audio-formats/wav-header.js'

const RATE = 16_000
/** A ramp, so that no sample equals its neighbour. */
const sound = (length: number): Sound => ({
  rate: RATE,
  samples: Int16Array.from({ length }, (_, i) => i * 31 - 8_000),
})

t.test('an encoded sound is read again unchanged', async t => {
  const made = sound(960)
  t.same(readWav(encodeWav(made)), made)
  t.equal(lengthMs(made), 60)
})

t.test('chunks that hold no sound are skipped', async t => {
  const plain = encodeWav(sound(320))
  const extra = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1')
  const more = Buffer.concat([plain.subarray(0, 36), extra, plain.subarray(36)])
  t.same(readWav(more), readWav(plain))
})

t.test('a file that is not a mono 16-bit WAV is refused', async t => {
  const good = encodeWav(sound(320))
  const altered = (offset: number, value: number) => {
    const bytes = Buffer.from(good)
    bytes.writeUInt16LE(value, offset)
    return bytes
  }
  const bad = {
    empty: Buffer.alloc(0),
    'another format': Buffer.from('OggS'.padEnd(64)),
    stereo: altered(22, 2),
    'eight bits': altered(34, 8),
    compressed: altered(20, 6),
    'cut short': good.subarray(0, good.length - 1),
    'without samples': good.subarray(0, 36),
  }
  for (const [what, bytes] of Object.entries(bad)) {
    t.throws(() => readWav(bytes), { code: 'prompt.damaged' }, what)
  }
})

t.test('a stereo header states sizes in bytes, up to the greatest that 32 bits can state', async t => {
  const stated = (frames: number) => Buffer.from(wavHeader({ rate: 8_000, channels: 2 }, frames))
  const header = stated(1_000)
  t.equal(header.length, HEADER_BYTES)
  t.strictSame(
    [header.readUInt32LE(4), header.readUInt16LE(22), header.readUInt32LE(28), header.readUInt16LE(32)],
    [4_036, 2, 32_000, 4],
  )
  t.equal(header.readUInt32LE(40), 4_000)
  t.equal(stated(2 ** 31).readUInt32LE(4), 0xffffffff - 8)
})
