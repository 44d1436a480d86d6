// Real: the product's decoder and the lab's, which shares no code with it. Fake: none.
import t from 'tap'
import { decodeG711 } from '../../../../lab/audio/g711.js'
import { decodeSamples } from '../../../../src/lib/audio-formats/g711.js'

const every = Uint8Array.from({ length: 256 }, (_, byte) => byte)

t.test('the product decodes every byte as the lab does', async t => {
  for (const codec of ['alaw', 'ulaw'] as const)
    t.strictSame(decodeSamples(every, codec), decodeG711(every, codec), codec)
})

t.test('linear samples stay as they are', async t => {
  const samples = Int16Array.of(0, 1, -1, 32_767, -32_768)
  t.strictSame(decodeSamples(new Uint8Array(samples.buffer), 'slin'), samples)
})
