// Real: the caller's ear and the search for a sentence. Fake: the packets.
import t from 'tap'
import { encodeG711 } from '../../../lab/audio/g711.js'
import { concatSamples, silence, tone } from '../../../lab/audio/signals.js'
import { AUDIBLE_DBFS, ReceivedAudio } from '../../../lab/media/received-audio.js'
import { PACKET_MS, PACKET_SAMPLES } from '../../../lab/media/rtp.js'
import { SAMPLE_RATE } from '../../../src/core/audio.js'
import { findSentenceStart } from '../../support/assertions/heard-words.js'

/** When the first packet of each test arrived, ms since the epoch. It is long ago. */
const ARRIVED = Date.UTC(2026, 0, 31, 9, 30)

/** Six seconds, each of which sounds unlike the others. */
const sentence = concatSamples(
  ...[400, 550, 700, 850, 1_000, 1_150].flatMap((hz, i) => [
    tone([hz, hz * 2.1], 300 + 60 * i, -20),
    tone([hz * 1.4], 700 - 60 * i, -26),
  ]),
)

/** An ear that got these samples in packets, one every 20 ms. */
function heardBy(samples: Int16Array, at = ARRIVED): ReceivedAudio {
  const heard = new ReceivedAudio()
  for (let n = 0; n * PACKET_SAMPLES < samples.length; n++) {
    const piece = samples.subarray(n * PACKET_SAMPLES, (n + 1) * PACKET_SAMPLES)
    const packet = { payloadType: 8, marker: false, sequence: n, timestamp: n * PACKET_SAMPLES, source: 1 }
    heard.add({ ...packet, payload: encodeG711(piece, 'alaw') }, 'alaw', at + n * PACKET_MS)
  }
  return heard
}

t.test(
  'a sentence that is over before the test listens is found, with the time of its beginning',
  async t => {
    const heard = heardBy(concatSamples(silence(3_000), sentence, silence(5_000)))
    t.equal(await findSentenceStart(heard, sentence, 0), ARRIVED + 3_000)
  },
)

t.test('a sentence is found by less than two seconds of it', async t => {
  const torn = sentence.slice()
  torn.fill(0, 0, 2.5 * SAMPLE_RATE)
  torn.fill(0, 4.2 * SAMPLE_RATE)
  t.equal(await findSentenceStart(heardBy(torn), sentence, 0), ARRIVED)
})

t.test('a sentence that arrived before the given time is not found', async t => {
  const heard = heardBy(concatSamples(sentence, silence(5_000)))
  t.equal(await findSentenceStart(heard, sentence, 0, ARRIVED + 6_000), undefined)
  t.equal(
    await findSentenceStart(heard, sentence, 0, ARRIVED + 2_500),
    ARRIVED,
    'a sentence that arrived in part after it is found',
  )
})

t.test('other words are not the sentence', async t => {
  const heard = heardBy(concatSamples(...[330, 620, 910].map(hz => tone([hz, hz * 1.7], 1_500, -20))))
  t.equal(await findSentenceStart(heard, sentence, 0), undefined)
})

t.test('a sound that has already arrived is returned at once', async t => {
  const heard = heardBy(concatSamples(silence(400), tone([800], 100, -20), silence(400)))
  t.equal(await heard.waitForAudio(0, AUDIBLE_DBFS, ARRIVED), ARRIVED + 400)
  t.equal(await heard.waitForAudio(0, AUDIBLE_DBFS, ARRIVED + 600), undefined)
  t.equal(await heard.waitForAudio(0), undefined, 'by default only later sounds count')
})
