import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ort from 'onnxruntime-node'
import { AppError } from '../../core/errors.js'
import type { HeardLanguage } from '../../core/policy.js'
import { projectRoot } from '../../lib/process/project.js'

/** The classes of a net, in the order of its outputs. `other` is everything that is not an answer. */
export const NET_CLASSES = ['yes', 'no', 'weak', 'other'] as const
export type NetClass = (typeof NET_CLASSES)[number]

/** Shorter sound is filled up with silence, samples: 400 ms. The net needs 222 ms for one window. */
const SHORTEST = 3_200
/** Greatest rounding error of a probability beyond 0 and 1, and of their sum. */
const ROUNDING = 0.01

/** The net of one language: computes the probability of each class from the samples of an utterance. */
export interface Net {
  /**
   * @param samples one utterance as the listener hands it over, 8 kHz, 16 bit
   * @returns probabilities
   * @throws AppError `speech.failed`
   */
  classify(samples: Int16Array): Promise<Record<NetClass, number>>
  close(): Promise<void>
}

/** Path of a language's net, in `voice/nets/`. */
export const netFile = (language: HeardLanguage): string =>
  join(projectRoot(), 'voice', 'nets', `${language}.onnx`)

/**
 * Loads a net and tries it, 0.1 s.
 *
 * @param path in ONNX, as `voice/training/net.py` writes it
 * @throws AppError `speech.unavailable` if the file is missing or damaged, or holds another net
 */
export async function openNet(path: string): Promise<Net> {
  if (!existsSync(path))
    throw new AppError('speech.unavailable', `${path} is missing: install Consentry again`)
  const unusable = (cause: unknown) => {
    const { message } = cause as Error
    return new AppError('speech.unavailable', `${path} cannot be used: ${message}`, { cause })
  }
  let session: ort.InferenceSession
  try {
    // The runtime computes on the thread that calls it.
    const options = { intraOpNumThreads: 1, interOpNumThreads: 1 }
    session = await ort.InferenceSession.create(readFileSync(path), options)
  } catch (cause) {
    throw unusable(cause)
  }
  const net: Net = {
    async classify(samples) {
      const sound = new Float32Array(Math.max(SHORTEST, samples.length))
      sound.set(samples)
      const { classes } = await session.run({ samples: new ort.Tensor('float32', sound, [1, sound.length]) })
      return probabilities(classes?.data as Float32Array | undefined)
    },
    close: () => session.release(),
  }
  try {
    await net.classify(new Int16Array(0))
  } catch (cause) {
    await net.close()
    throw unusable(cause)
  }
  return net
}

/**
 * Reads the output of a net. The net computes one class as the rest to 1, so rounding may take it a little below 0.
 *
 * @returns numbers from 0 to 1
 * @throws AppError `speech.failed` if the output has no probabilities
 */
export function probabilities(output: Float32Array = new Float32Array()): Record<NetClass, number> {
  const sum = output.reduce((all, number) => all + number, 0)
  const arePossible = output.every(number => number > -ROUNDING && number < 1 + ROUNDING)
  if (output.length !== NET_CLASSES.length || !arePossible || Math.abs(sum - 1) > ROUNDING)
    throw new AppError('speech.failed', 'the net gives no probabilities')
  const clamped = NET_CLASSES.map((name, k) => [name, Math.min(1, Math.max(0, output[k]!))])
  return Object.fromEntries(clamped) as Record<NetClass, number>
}
