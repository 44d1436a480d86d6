import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { concatSamples } from '../../../lab/audio/signals.js'
import { projectRoot } from '../../../src/process/project.js'
import { HEARD_LANGUAGES, type HeardLanguage } from '../../../src/shared/policy.js'
import { openEmbedding } from '../../../src/speech/embedded/embedding.js'
import { HEAD_CLASSES, type HeadFile, makeHead } from '../../../src/speech/embedded/head.js'
import { hearSound } from '../../../src/speech/hear-sound.js'
import type { Recognizer } from '../../../src/speech/recognizer.js'

/** The heads of all languages behind one embedding, which is most of the work. */
export interface Heads {
  /**
   * @param samples a sound, 8 kHz, heard as in a call after the prompt
   * @param least score of a yes, 0 to 1
   * @returns languages whose head gives the sound at least that score for a yes
   */
  likelyYes(samples: Int16Array, least: number): Promise<HeardLanguage[]>
  close(): Promise<void>
}

/**
 * Opens the first part of the embedded engine alone. What none of its heads takes for a yes is none for the engine, so only the rest has
 * to be heard by the whole engine, once for each language.
 */
export async function openHeads(): Promise<Heads> {
  const embedding = await openEmbedding()
  const heads = await Promise.all(
    HEARD_LANGUAGES.map(async language => {
      const file = await readFile(join(projectRoot(), 'voice', 'heads', `${language}.json`), 'utf8')
      return { language, head: makeHead(JSON.parse(file) as HeadFile) }
    }),
  )
  return {
    async likelyYes(samples, least) {
      const utterance = await utteranceIn(samples)
      if (!utterance) return []
      const features = await embedding.features(utterance)
      return heads
        .map(({ language, head }) => ({ language, scores: head.classify(features) }))
        .filter(({ scores }) => HEAD_CLASSES.every(name => scores[name] <= scores.yes) && scores.yes >= least)
        .map(({ language }) => language)
    },
    close: () => embedding.close(),
  }
}

/** What the listener hands to an engine. @returns undefined if it hands over nothing, such as speech that is too long */
async function utteranceIn(samples: Int16Array): Promise<Int16Array | undefined> {
  const parts: Int16Array[] = []
  let utterance: Int16Array | undefined
  const keeper: Recognizer = {
    engine: 'embedded',
    model: '',
    check: async () => {},
    open: () => ({
      write: part => void parts.push(part.slice()),
      partial: () => undefined,
      async finish() {
        utterance = concatSamples(...parts)
        return { heard: 'unclear', scores: {} }
      },
      cancel: () => {},
    }),
    close: async () => {},
  }
  await hearSound(keeper, { language: 'en', engine: 'embedded', threshold: 1 }, samples)
  return utterance
}
