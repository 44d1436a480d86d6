import type { AppError } from '../../core/errors.js'
import { type Listener as OneAnswer, openListener } from '../listener.js'
import type { SpeechFinder } from '../utterances.js'
import type { CreateListener } from './open-question.js'

/**
 * Listens until the question is closed. After each utterance it listens for the next one, because an utterance may not
 * settle the question. Speech while an engine decides is ignored.
 */
export const listenOn: CreateListener = ({ recognizer, terms, onSpeaking, onAnswer, onFailed }) => {
  /** End of the audio so far, in samples from the beginning of the hearing. */
  let position = 0
  let promptEndedAt: number | undefined
  /** Whether audio came while the engine decided. */
  let isMissing = false
  let closed = false
  let current = listen()

  function listen(before?: SpeechFinder): OneAnswer {
    const events = {
      began: () => void (closed || onSpeaking()),
      answered(...answer: Parameters<typeof onAnswer>) {
        if (closed) return
        // The rest of a sentence may sound like a yes: speech that was too long may continue, and other speech may have
        // begun while the engine decided. The next listener therefore learns the noise again, and hears nothing for 0.6
        // s.
        const mayBeSpeaking = isMissing || answer[0].reason === 'long'
        isMissing = false
        current = listen(mayBeSpeaking ? undefined : current.finder)
        onAnswer(...answer)
      },
      // The journal gets the code. A message may name a server or a path.
      failed: (error: AppError) => void (closed || onFailed(error.code)),
    }
    const listener = openListener(recognizer, terms, events, position, before)
    if (promptEndedAt !== undefined) listener.promptEnded(promptEndedAt)
    return listener
  }

  return {
    push(samples, at) {
      position = at + samples.length
      isMissing ||= current.isDeciding()
      current.push(samples, at)
    },
    promptEnded() {
      promptEndedAt = position
      current.promptEnded(position)
    },
    close() {
      closed = true
      current.close()
    },
  }
}
