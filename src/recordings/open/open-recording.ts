import { type Leg, SAMPLE_RATE } from '../../core/audio.js'
import { AppError } from '../../core/errors.js'
import { decodeSamples } from '../../lib/audio-formats/g711.js'
import { type OpenedPart, openPart } from '../../vault/crypto/part-opener.js'
import type { Identity, PartInfo } from '../../vault/crypto/types.js'
import type { ObjectSource } from '../../vault/store/store.js'
import { type MissingSpan, PartJoins } from './part-joins.js'

/** One part of a recording: its container and its key file. */
export interface PartToOpen {
  /** Name of the part in messages. */
  name?: string
  source: ObjectSource
  wrappedKey: Buffer
}

/** Authenticated samples of one leg, 16-bit linear, with their position in the recording. */
export interface PlacedSamples {
  leg: Leg
  /** Position in the recording, in samples. */
  sample: number
  samples: Int16Array
}

/** How complete a recording is according to its containers alone. `missingAudioOf` also uses the journal. */
export interface Wholeness {
  /** Headers of the parts, in order. */
  parts: readonly PartInfo[]
  /** Samples between parts that are missing, for any reason, including pauses and gaps. */
  holes: readonly MissingSpan[]
  /** The last part has its totals, so that no audio followed it. */
  ended: boolean
  /** There are no holes, and the last part has its totals. */
  complete: boolean
}

/** Result of opening a recording. */
export interface OpeningResult extends Wholeness {
  /** Length of the longer leg, s. */
  seconds: number
}

/**
 * The room of playback opens recordings with an identity, compares them with the journal, and makes WAV files of them.
 *
 * Reads every sample of a recording, in the order in which they were sealed. Each sample is authenticated before it is
 * yielded. One leg may be ahead of the other. Positions count from the start of the tap in all parts. If a service died
 * before it acknowledged stored audio, the next part repeats that audio at the same positions.
 *
 * @param parts in order
 * @param ready called when all keys fit, before any audio is decrypted; if it rejects, no audio is decrypted
 * @returns how complete the recording is
 * @throws AppError `key.missing`, `key.refused`, `container.invalid`; what `ready` throws
 */
export async function* readRecording(
  parts: PartToOpen[],
  identities: Identity[],
  ready: () => Promise<void> = async () => {},
): AsyncGenerator<PlacedSamples, Wholeness> {
  const opened: OpenedPart[] = []
  const joins = new PartJoins()
  try {
    // All parts are opened before the first sample, so that nothing is played of a recording with a refused part.
    for (const part of parts)
      opened.push(
        await openPart(part.source, part.wrappedKey, identities).catch(error => {
          throw withPartName(part, error)
        }),
      )
    checkOrder(opened)
    await ready()
    for (const [i, part] of opened.entries()) {
      joins.beginPart(part.info.number)
      try {
        for await (const block of part.blocks()) {
          const samples = decodeSamples(block.bytes, part.info.codec)
          joins.addSamples(block.leg, block.sample, samples.length)
          yield { leg: block.leg, sample: block.sample, samples }
        }
      } catch (error) {
        throw withPartName(parts[i]!, error)
      }
    }
    const { holes } = joins
    const ended = opened.at(-1)?.complete ?? false
    return { parts: opened.map(({ info }) => info), holes, ended, complete: ended && holes.length === 0 }
  } finally {
    for (const part of opened) part.close()
  }
}

/** Adds the name of the part to an error's message. */
const withPartName = ({ name }: PartToOpen, error: unknown): unknown =>
  name && error instanceof AppError && error.code !== 'key.missing'
    ? new AppError(error.code, `${name}: ${error.message}`, { cause: error })
    : error

function checkOrder(parts: OpenedPart[]): void {
  for (const [i, { info }] of parts.entries()) {
    const before = parts[i - 1]?.info
    if (before && (info.recording !== before.recording || info.number <= before.number))
      throw new AppError('container.invalid', 'the parts are not those of one recording, in order')
  }
}

/**
 * Decrypts a short recording into memory. Both legs get the same length; gaps are silence.
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
  return { ...legs, seconds: length / SAMPLE_RATE, ...step.value }
}
