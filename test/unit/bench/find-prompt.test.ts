// Real: the search for a prompt. Fake: the packets, which are made of tones.
import t from 'tap'
import { keyTones, silence, tone } from '../../../lab/audio/signals.js'
import { PACKET_MS, PACKET_SAMPLES } from '../../../lab/media/rtp.js'
import { findPrompt } from '../../bench/consent/find-prompt.js'

/** Packets that arrive every 20 ms, the first at 1,000 ms. */
const packetsOf = (...parts: Int16Array[]) => {
  const all = Int16Array.from(parts.flatMap(part => [...part]))
  return Array.from({ length: Math.ceil(all.length / PACKET_SAMPLES) }, (_, i) => ({
    at: 1_000 + i * PACKET_MS,
    sequence: i,
    timestamp: i * PACKET_SAMPLES,
    source: 1,
    samples: all.slice(i * PACKET_SAMPLES, (i + 1) * PACKET_SAMPLES),
    payload: Buffer.alloc(PACKET_SAMPLES),
  }))
}

// The prompt begins with silence, so that its beginning cannot be told from the silence before it.
const prompt = Int16Array.from([...silence(100), ...tone(keyTones('5'), 900, -12)])
const before = silence(200)

t.test('the first and the last packet of a prompt are found among silence', async t => {
  const heard = findPrompt(packetsOf(before, prompt, silence(100)), prompt)
  t.same(heard, { firstAt: 1_200, lastAt: 1_200 + 980 })
})

t.test('a prompt is found although its end, which does not fill a packet, is missing', async t => {
  const odd = prompt.subarray(0, prompt.length - 50)
  const cut = odd.subarray(0, prompt.length - PACKET_SAMPLES)
  t.same(findPrompt(packetsOf(before, cut), odd), { firstAt: 1_200, lastAt: 1_200 + 960 })
})

t.test('a prompt that was cut, or not heard at all, is not found', async t => {
  t.equal(findPrompt(packetsOf(before, prompt.subarray(0, 6_000), silence(500)), prompt), undefined)
  t.equal(findPrompt(packetsOf(before), prompt), undefined)
  t.equal(findPrompt([], prompt), undefined)
})
