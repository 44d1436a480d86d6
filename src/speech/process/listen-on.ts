import type { AppError } from '../../shared/errors.js'
import { type Listener as OneAnswer, openListener } from '../listener.js'
import type { CreateListener } from './open-question.js'

/**
 * Listens until the question is closed: after each utterance for the next one, because not every utterance settles the question. What
 * is said while an engine decides is passed over.
 */
export const listenOn: CreateListener = ({ recognizer, terms, onSpeaking, onAnswer, onFailed }) => {
  /** End of the audio so far, in samples from the beginning of the hearing. */
  let position = 0
  let promptEndedAt: number | undefined
  let closed = false
  let current = listen()

  function listen(): OneAnswer {
    const events = {
      began: () => void (closed || onSpeaking()),
      answered(...answer: Parameters<typeof onAnswer>) {
        if (closed) return
        current = listen()
        onAnswer(...answer)
      },
      // The journal gets the code. A message may name a server or a path.
      failed: (error: AppError) => void (closed || onFailed(error.code)),
    }
    const listener = openListener(recognizer, terms, events, position)
    if (promptEndedAt !== undefined) listener.promptEnded(promptEndedAt)
    return listener
  }

  return {
    push(samples, at) {
      position = at + samples.length
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
