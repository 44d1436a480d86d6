import { rename, rm } from 'node:fs/promises'
import { type Leg, SAMPLE_RATE } from '../shared/audio.js'
import { AppError } from '../shared/errors.js'
import { type OpenedPart, openPart } from '../vault/crypto/part-opener.js'
import type { Identity } from '../vault/crypto/types.js'
import type { ObjectSource } from '../vault/store/store.js'
import { decodeSamples } from './g711.js'
import { WavWriter } from './wav.js'

/** One part of a recording: its container and its key file. */
export interface PartToOpen {
  source: ObjectSource
  wrappedKey: Buffer
}

/** Authentic samples of one leg, 16-bit linear, at their place in the recording. */
export interface PlacedSamples {
  leg: Leg
  /** Position in the recording, in samples. */
  sample: number
  samples: Int16Array
}

/** What was opened. */
export interface OpeningResult {
  /** Length of the longer leg, s. */
  seconds: number
  /** False if a container ends before its totals: it was cut, by a crash or later. */
  complete: boolean
}

/**
 * Every sample of a recording, each authenticated before it is handed out, in the order in which they were
 * sealed; one leg may be ahead of the other. Positions of all parts count from the start of the tap; where a service
 * died before it could acknowledge what it had stored, the next part repeats it at the same place. The generator's
 * result says whether every part was complete.
 *
 * @param parts in order
 * @throws AppError `key.missing`, `key.refused`, `container.invalid`
 */
export async function* readRecording(
  parts: PartToOpen[],
  identities: Identity[],
): AsyncGenerator<PlacedSamples, boolean> {
  const opened: OpenedPart[] = []
  try {
    // All of them before the first sample: a recording whose second part is refused plays nothing.
    for (const { source, wrappedKey } of parts) opened.push(await openPart(source, wrappedKey, identities))
    checkOrder(opened)
    for (const part of opened) {
      for await (const block of part.blocks()) {
        const samples = decodeSamples(block.bytes, part.info.codec)
        yield { leg: block.leg, sample: block.sample, samples }
      }
    }
    return opened.every(({ complete }) => complete)
  } finally {
    for (const part of opened) part.close()
  }
}

function checkOrder(parts: OpenedPart[]): void {
  for (const [i, { info }] of parts.entries()) {
    const before = parts[i - 1]?.info
    if (before && (info.recording !== before.recording || info.number <= before.number))
      throw new AppError('container.invalid', 'the parts are not those of one recording, in order')
  }
}

/**
 * Decrypts a recording into a stereo 16-bit WAV: left = caller, right = agent, gaps are silence. The file stands
 * under its name only when every part has been read; if one is refused, nothing is left.
 *
 * @param parts in order
 * @throws AppError `key.missing`, `key.refused`, `container.invalid`
 */
export async function writeWav(
  parts: PartToOpen[],
  identities: Identity[],
  path: string,
): Promise<OpeningResult> {
  const unfinished = `${path}.unfinished`
  const wav = await WavWriter.create(unfinished)
  try {
    const reading = readRecording(parts, identities)
    let step = await reading.next()
    for (; !step.done; step = await reading.next())
      await wav.write(step.value.leg, step.value.sample, step.value.samples)
    const samples = await wav.finish()
    await rename(unfinished, path)
    return { seconds: samples / SAMPLE_RATE, complete: step.value }
  } catch (error) {
    await wav.close()
    await rm(unfinished, { force: true })
    throw error
  }
}

/**
 * Decrypts a short recording into memory, leg by leg and of equal length; gaps are silence.
 *
 * @param parts in order
 * @throws AppError `key.missing`, `key.refused`, `container.invalid`
 */
export async function decodeLegs(
  parts: PartToOpen[],
  identities: Identity[],
): Promise<Record<Leg, Int16Array> & OpeningResult> {
  const pieces: PlacedSamples[] = []
  const reading = readRecording(parts, identities)
  let step = await reading.next()
  for (; !step.done; step = await reading.next()) pieces.push(step.value)
  const length = pieces.reduce((end, { sample, samples }) => Math.max(end, sample + samples.length), 0)
  const legs = { caller: new Int16Array(length), agent: new Int16Array(length) }
  for (const { leg, sample, samples } of pieces) legs[leg].set(samples, sample)
  return { ...legs, seconds: length / SAMPLE_RATE, complete: step.value }
}
