import { AppError } from '../../core/errors.js'
import { languages } from '../../languages/languages.js'
import { type InsideHosts, requestOutgoing } from '../../lib/process/outgoing.js'
import { MAX_SPEECH_BYTES, SPEECH_TIMEOUT_MS } from './run-voice.js'
import type { SpeechEngine } from './voice.js'

/**
 * An engine that is asked over HTTP: `POST` of JSON with `text`, `language` and `voice` (`default`). It answers 200 with a
 * WAV. Redirections are not followed.
 *
 * @param url of the setting `CONSENTRY_SPEECH_URL`
 * @param inside hosts that may be inside
 */
export const httpEngine = (url: string, inside: InsideHosts): SpeechEngine => ({
  name: 'http',
  voices: async () => languages().map(language => ({ engine: 'http', voice: 'default', language })),
  async speak(text, { language, voice }) {
    const { status, body } = await requestOutgoing(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'audio/wav' },
      body: JSON.stringify({ text, language, voice }),
      ...{ ms: SPEECH_TIMEOUT_MS, mostBytes: MAX_SPEECH_BYTES, inside },
    }).catch((cause: Error) => {
      throw failed(cause.message, cause)
    })
    if (status !== 200) throw failed(`it answered ${status}`)
    return body
  },
})

const failed = (why: string, cause?: unknown) =>
  new AppError('tool.failed', `The engine of CONSENTRY_SPEECH_URL did not speak: ${why}.`, { cause })
