// Real: signals, codecs, levels and the search for speech. Fake: none.
import t, { type Test } from 'tap'
import { findSpeech } from '../../../lab/audio/find-speech.js'
import { decodeG711, encodeG711, type G711 } from '../../../lab/audio/g711.js'
import { envelope, rmsDbfs, toneDbfs } from '../../../lab/audio/levels.js'
import { concatSamples, keyTones, quietNoise, silence, tone } from '../../../lab/audio/signals.js'
import { parseWav } from '../../../lab/audio/wav.js'

const near = (t: Test, found: number, wanted: number, within: number, what: string) =>
  t.ok(Math.abs(found - wanted) <= within, `${what}: ${found} within ${within} of ${wanted}`)

for (const codec of ['alaw', 'ulaw'] satisfies G711[]) {
  t.test(`${codec}: every byte survives decoding and coding`, async t => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const again = encodeG711(decodeG711(bytes, codec), codec)
    // µ-law has two zeros; the negative one comes back as the positive.
    const expected = Buffer.from(bytes)
    if (codec === 'ulaw') expected[0x7f] = 0xff
    t.same(again, expected)
  })

  t.test(`${codec}: samples come back within the step that G.711 allows`, async t => {
    const worst = Math.max(
      ...Array.from({ length: 65_536 }, (_, i) => i - 32_768).map(sample => {
        const [back = 0] = decodeG711(encodeG711(Int16Array.of(sample), codec), codec)
        return Math.abs(back - sample) / Math.max(256, Math.abs(sample))
      }),
    )
    t.ok(worst < 0.045, `worst relative error ${worst}`)
  })
}

t.test('known samples have the codes of ITU-T G.711', async t => {
  t.same([...encodeG711(Int16Array.of(8, -8, 32_256, -32_256), 'alaw')], [0xd5, 0x55, 0xaa, 0x2a])
  t.same([...encodeG711(Int16Array.of(0, 32_635, -32_635), 'ulaw')], [0xff, 0x80, 0x00])
})

t.test('the measured level of a signal is the one it was made with', async t => {
  near(t, rmsDbfs(tone([1000], 1000, -20)), -20, 0.1, 'RMS of a sine')
  near(t, toneDbfs(tone([1000], 1000, -20), 1000), -20, 0.1, 'the sine itself')
  t.ok(toneDbfs(tone([1000], 1000, -20), 440) < -75, 'nothing at another frequency')
  near(t, toneDbfs(tone([440, 1000], 1000, -30), 440), -30, 0.1, 'one of two')
  t.equal(rmsDbfs(silence(20)), -120)
  near(t, rmsDbfs(quietNoise(1000)), -68, 2, 'the quiet line')
  t.same(
    envelope(concatSamples(silence(40), tone([1000], 40, -20)), 20).map(Math.round),
    [-120, -120, -20, -20],
  )
})

t.test('keys have the tones of ITU-T Q.23', async t => {
  t.same(keyTones('1'), [697, 1209])
  t.same(keyTones('*'), [941, 1209])
  t.same(keyTones('D'), [941, 1633])
  t.throws(() => keyTones('E'), RangeError)
  t.throws(() => keyTones(''), RangeError)
})

t.test('words are found at their position after a codec, and other or cut words are not', async t => {
  const words = concatSamples(
    ...[700, 500, 900, 300].map((hz, i) => tone([hz, hz * 2.1], 130 + 40 * i, -18 - 3 * i)),
  )
  const others = concatSamples(
    ...[400, 800, 350, 600].map((hz, i) => tone([hz, hz * 1.7], 130 + 40 * i, -18 - 3 * i)),
  )
  const heard = decodeG711(
    encodeG711(concatSamples(quietNoise(777), others, silence(300), words, silence(100)), 'ulaw'),
    'ulaw',
  )
  const found = findSpeech(heard, words)
  near(t, found?.atMs ?? 0, 777 + 760 + 300, 1, 'place')
  t.ok((found?.similarity ?? 0) > 0.98)
  t.equal(
    findSpeech(concatSamples(quietNoise(500), others, silence(2_000)), words),
    undefined,
    'others do not count',
  )
  t.equal(findSpeech(heard.subarray(0, heard.length - 2_000), words), undefined, 'cut words do not count')
})

t.test('words are found although packets were dropped or repeated on the way', async t => {
  const melody = Array.from({ length: 40 }, (_, i) =>
    tone([400 + ((i * 377) % 1_500)], 60 + ((i * 29) % 50), -15 - (i % 7)),
  )
  const words = concatSamples(...melody)
  const dropped = concatSamples(
    quietNoise(300),
    words.subarray(0, 9_000),
    words.subarray(9_160),
    silence(200),
  )
  const repeated = concatSamples(
    quietNoise(300),
    words.subarray(0, 12_000),
    words.subarray(11_840),
    silence(200),
  )
  near(t, findSpeech(dropped, words)?.atMs ?? 0, 300, 1, 'with a packet missing')
  near(t, findSpeech(repeated, words)?.atMs ?? 0, 300, 1, 'with a packet too many')
  t.equal(
    findSpeech(concatSamples(quietNoise(300), concatSamples(...melody.toReversed()), silence(500)), words),
    undefined,
    'other words are not found',
  )
})

t.test('a WAV file that is not mono, and a file that is no WAV file, are refused', async t => {
  const wav = (channels: number) => {
    const head = Buffer.alloc(46)
    head.write('RIFF', 0)
    head.write('WAVEfmt ', 8)
    head.writeUInt32LE(16, 16)
    head.writeUInt16LE(1, 20)
    head.writeUInt16LE(channels, 22)
    head.writeUInt32LE(8000, 24)
    head.writeUInt16LE(16, 34)
    head.write('data', 36)
    head.writeUInt32LE(2, 40)
    head.writeInt16LE(-5, 44)
    return head
  }
  t.same(parseWav(wav(1)), Int16Array.of(-5))
  t.throws(() => parseWav(wav(2)), { code: 'tool.failed' })
  t.throws(() => parseWav(Buffer.from('nothing')), { code: 'tool.failed' })
})
