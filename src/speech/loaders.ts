import { LANGUAGES } from '../shared/policy.js'
import { openEmbedded } from './embedded/embedded.js'
import type { EngineLoaders } from './engines.js'
import { loadSherpa } from './sherpa/sherpa-recognizer.js'
import { loadVosk } from './vosk/vosk-recognizer.js'

/** How each engine is loaded. */
export const loaders = {
  embedded: async ({ root }) => [{ recognizer: await openEmbedded({ root }), languages: LANGUAGES }],
  sherpa: loadSherpa,
  vosk: loadVosk,
} satisfies EngineLoaders
