import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ort from 'onnxruntime-node'
import { projectRoot } from '../../process/project.js'
import { AppError } from '../../shared/errors.js'
import type { HeardLanguage } from '../../shared/policy.js'

/** What a net tells apart, in the order of its outputs. `other` is everything that is no answer. */
export const NET_CLASSES = ['yes', 'no', 'weak', 'other'] as const
export type NetClass = (typeof NET_CLASSES)[number]

/** Shorter sound is filled up with silence, samples: 400 ms. The net needs as much to have one window. */
const SHORTEST = 3_200

/** The net of one language, from `voice/nets/`: it turns the samples of an utterance into the probability of each class. */
export interface Net {
  /** @param samples one utterance as the listener hands it over, 8 kHz, 16 bit @returns probabilities, which add up to 1 */
  classify(samples: Int16Array): Promise<Record<NetClass, number>>
  close(): Promise<void>
}

/** @returns path of the net's file @throws AppError `speech.unavailable` */
export function findNet(language: HeardLanguage): string {
  const path = join(projectRoot(), 'voice', 'nets', `${language}.onnx`)
  if (existsSync(path)) return path
  throw new AppError('speech.unavailable', `${path} is missing: install Consentry again`)
}

/** Loads the net of a language, 0.1 s. @throws AppError `speech.unavailable` */
export async function openNet(language: HeardLanguage): Promise<Net> {
  const path = findNet(language)
  // One thread: several utterances at once share the processors better than one utterance would use them.
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1 }
  const session = await ort.InferenceSession.create(readFileSync(path), options).catch(cause => {
    throw new AppError('speech.unavailable', `${path} does not load: ${cause.message}`, { cause })
  })
  return {
    async classify(samples) {
      const sound = new Float32Array(Math.max(SHORTEST, samples.length))
      sound.set(samples)
      const { classes } = await session.run({ samples: new ort.Tensor('float32', sound, [1, sound.length]) })
      const numbers = classes!.data as Float32Array
      return Object.fromEntries(NET_CLASSES.map((name, k) => [name, numbers[k]!])) as Record<NetClass, number>
    },
    close: () => session.release(),
  }
}
