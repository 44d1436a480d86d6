import { prepareTools, type ToolOptions } from '../tools/prepare-tools.js'

/**
 * Provides pocketsphinx and its acoustic model (30 MB, downloaded once).
 *
 * @returns the folder for CONSENTRY_SPEECH_MODELS
 */
export async function findSpeechModels(options: ToolOptions = {}): Promise<string> {
  const { speech } = await prepareTools(['speech'], options)
  return speech
}
