import { HEARD_LANGUAGES, type HeardLanguage } from '../../../src/core/policy.js'
import { UtteranceStream } from '../../../src/speech/embedded/embedded.js'
import { NET_CLASSES, netFile, openNet } from '../../../src/speech/embedded/net.js'
import { hearSound } from '../../../src/speech/listen-file.js'
import type { Recognizer } from '../../../src/speech/recognizer.js'

/** The nets of all languages. */
export interface Nets {
  /**
   * @param samples a sound, 8 kHz, heard as in a call after the prompt
   * @param least score of a yes, 0 to 1
   * @returns languages whose net gives the sound at least that score for a yes
   */
  likelyYes(samples: Int16Array, least: number): Promise<HeardLanguage[]>
  close(): Promise<void>
}

/**
 * Opens the first part of the embedded engine alone. What none of its nets takes for a yes is none for the engine, so only the rest has
 * to be heard by the whole engine, once for each language.
 */
export async function openNets(): Promise<Nets> {
  const nets = await Promise.all(
    HEARD_LANGUAGES.map(async language => ({ language, net: await openNet(netFile(language)) })),
  )
  return {
    async likelyYes(samples, least) {
      const utterance = await utteranceIn(samples)
      if (!utterance) return []
      const likely = await Promise.all(
        nets.map(async ({ language, net }) => {
          const scores = await net.classify(utterance)
          return NET_CLASSES.every(name => scores[name] <= scores.yes) && scores.yes >= least
            ? [language]
            : []
        }),
      )
      return likely.flat()
    },
    async close() {
      await Promise.all(nets.map(({ net }) => net.close()))
    },
  }
}

/** What the listener hands to an engine. @returns undefined if it hands over nothing, such as speech that is too long */
async function utteranceIn(samples: Int16Array): Promise<Int16Array | undefined> {
  let utterance: Int16Array | undefined
  const keeper: Recognizer = {
    engine: 'embedded',
    model: '',
    check: async () => {},
    open: () =>
      new UtteranceStream(
        async samples => {
          utterance = samples
          return { heard: 'unclear', scores: {} }
        },
        () => {},
      ),
    close: async () => {},
  }
  await hearSound(keeper, { language: 'en', engine: 'embedded', threshold: 1 }, samples)
  return utterance
}
