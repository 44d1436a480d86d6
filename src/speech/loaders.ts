import { HEARD_LANGUAGES } from '../core/policy.js'
import type { EngineLoaders } from './engines.js'
import { loadSherpa } from './sherpa/sherpa-recognizer.js'
import { loadVosk } from './vosk/vosk-recognizer.js'

/** How each engine is loaded. */
export const loaders = {
  async embedded({ root }) {
    // Otherwise the runtime of its models would write an id of this machine to the user's cache, and report its use.
    process.env['ORT_DISABLE_TELEMETRY'] = '1'
    const { openEmbedded } = await import('./embedded/embedded.js')
    return [{ recognizer: await openEmbedded({ root }), languages: HEARD_LANGUAGES }]
  },
  sherpa: loadSherpa,
  vosk: loadVosk,
} satisfies EngineLoaders
