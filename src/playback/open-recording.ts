import { type Leg, SAMPLE_RATE } from '../shared/audio.js'
import { decodeSamples } from '../shared/audio-formats/g711.js'
import { AppError } from '../shared/errors.js'
import { type OpenedPart, openPart } from '../vault/crypto/part-opener.js'
import type { Identity, PartInfo } from '../vault/crypto/types.js'
import type { ObjectSource } from '../vault/store/store.js'
import { type MissingSpan, PartJoins } from './part-joins.js'

/** One part of a recording: its container and its key file. */
export interface PartToOpen {
  /** For what is said of it. */
  name?: string
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

/** How whole a recording is, by its containers alone; of the rest the journal tells: `shortfallOf`. */
export interface Wholeness {
  /** What its parts say of themselves, in order. */
  parts: readonly PartInfo[]
  /** Where they do not join; also where it was paused, or its keeper could not hold more. */
  holes: readonly MissingSpan[]
  /** The last part has its totals: nothing came after it. */
  ended: boolean
  /** It has no holes, and its end. */
  complete: boolean
}

/** What was opened. */
export interface OpeningResult extends Wholeness {
  /** Length of the longer leg, s. */
  seconds: number
}

/**
 * Every sample of a recording, each authenticated before it is handed out, in the order in which they were
 * sealed; one leg may be ahead of the other. Positions of all parts count from the start of the tap; where a service
 * died before it could acknowledge what it had stored, the next part repeats it at the same place. The generator's
 * result says how whole it is.
 *
 * @param parts in order
 * @param ready called when all keys fit and before anything is decrypted: if it rejects, nothing is
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
    // All of them before the first sample: a recording whose second part is refused plays nothing.
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

/** What is wrong with a part says which one it is. */
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
  return { ...legs, seconds: length / SAMPLE_RATE, ...step.value }
}
