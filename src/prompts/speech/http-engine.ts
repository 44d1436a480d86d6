import { languages } from '../../languages/languages.js'
import { AppError } from '../../shared/errors.js'
import { MAX_SPEECH_BYTES, SPEECH_TIMEOUT_MS } from './run-voice.js'
import type { SpeechEngine } from './voice.js'

/**
 * An engine that is asked over HTTP: `POST` of JSON with `text`, `language` and `voice` (`default`). It answers 200 with a
 * WAV. Redirections are not followed.
 *
 * @param url of the setting `CONSENTRY_SPEECH_URL`
 */
export const httpEngine = (url: string): SpeechEngine => ({
  name: 'http',
  voices: async () => languages().map(language => ({ engine: 'http', voice: 'default', language })),
  async speak(text, { language, voice }) {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      headers: { 'content-type': 'application/json', accept: 'audio/wav' },
      body: JSON.stringify({ text, language, voice }),
      signal: AbortSignal.timeout(SPEECH_TIMEOUT_MS),
    }).catch((cause: Error) => {
      throw failed('it does not answer', cause)
    })
    if (answer.status !== 200 || !answer.body) {
      await answer.body?.cancel()
      throw failed(`it answered ${answer.status}`)
    }
    const parts: Uint8Array[] = []
    let bytes = 0
    try {
      for await (const part of answer.body) {
        bytes += part.length
        if (bytes > MAX_SPEECH_BYTES) break
        parts.push(part)
      }
    } catch (cause) {
      throw failed('its answer broke off', cause)
    }
    if (bytes > MAX_SPEECH_BYTES) throw failed(`its answer has more than ${MAX_SPEECH_BYTES / 1e6} MB`)
    return Buffer.concat(parts)
  },
})

const failed = (why: string, cause?: unknown) =>
  new AppError('tool.failed', `The engine of CONSENTRY_SPEECH_URL did not speak: ${why}.`, { cause })
