import { decodeG711, encodeG711, type G711 } from '../../../lab/audio/g711.js'
import type { Needle } from '../assertions/search-files.js'

/** Length of the marker, samples: one second. */
const MARKER_SAMPLES = 8_000
/** Length of each run that is searched for, samples: 20 ms of this noise do not occur by chance. */
const RUN_SAMPLES = 160
/** From one run to the next, samples. A third of a second of the marker contains a complete run. */
const STEP_SAMPLES = 1_200

/** Noise unlike anything else in a call. The same samples each time, not too loud for a codec. */
export const marker: Int16Array = (() => {
  const samples = new Int16Array(MARKER_SAMPLES)
  let state = 4_711
  for (let i = 0; i < MARKER_SAMPLES; i++) {
    state = (state * 48_271) % 2_147_483_647
    samples[i] = ((state >> 8) & 0x3fff) - 0x2000
  }
  return samples
})()

/** 16-bit samples as bytes. */
function linear(samples: Int16Array, order: 'LE' | 'BE'): Buffer {
  const bytes = Buffer.alloc(samples.length * 2)
  samples.forEach((sample, i) => {
    if (order === 'LE') bytes.writeInt16LE(sample, i * 2)
    else bytes.writeInt16BE(sample, i * 2)
  })
  return bytes
}

/**
 * Speech in every coding in which it could be left in a file: as sent, transcoded, and as linear samples of both.
 *
 * @param sent the caller's codec
 * @param said the marker by default
 */
export function codingsOf(
  sent: G711,
  said: Int16Array = marker,
): { name: string; bytes: Buffer; perSample: number }[] {
  const other = sent === 'alaw' ? 'ulaw' : 'alaw'
  const arrived = decodeG711(encodeG711(said, sent), sent)
  const transcoded = decodeG711(encodeG711(arrived, other), other)
  return [
    { name: sent, bytes: encodeG711(said, sent), perSample: 1 },
    { name: other, bytes: encodeG711(arrived, other), perSample: 1 },
    ...(['LE', 'BE'] as const).flatMap(order => [
      { name: `PCM of ${sent}, ${order}`, bytes: linear(arrived, order), perSample: 2 },
      { name: `PCM of ${other}, ${order}`, bytes: linear(transcoded, order), perSample: 2 },
    ]),
  ]
}

/** Runs of the marker in each coding, to search files for. */
export const markerNeedles = (sent: G711): Needle[] => runsOf(sent, marker)

/** Quieter samples are in many files. */
const LOUD = 1_000

/** Runs of speech in each coding, to search files for. Runs without loud samples are left out. */
export function runsOf(sent: G711, said: Int16Array): Needle[] {
  const runs = Array.from(
    { length: Math.floor((said.length - RUN_SAMPLES) / STEP_SAMPLES) + 1 },
    (_, i) => i * STEP_SAMPLES,
  )
  const loud = runs.filter(at => said.subarray(at, at + RUN_SAMPLES).some(sample => Math.abs(sample) > LOUD))
  return codingsOf(sent, said).flatMap(({ name, bytes, perSample }) =>
    loud.map(at => ({ name, bytes: bytes.subarray(at * perSample, (at + RUN_SAMPLES) * perSample) })),
  )
}
