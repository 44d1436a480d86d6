import { stat } from 'node:fs/promises'

/** Always in memory, on no disk that could hang: only threads are needed to look at it. */
const ROOT = '/'

/** A file operation that any healthy process can do at once. */
const lookAtRoot = (): Promise<unknown> => stat(ROOT)

/**
 * Makes a function that calls `answer` once a file operation has come back. A process whose threads all hang in operations on a
 * disk still hears and says things, and can do nothing for a caller. Calls meanwhile are answered by the same operation, so
 * that no more than one waits.
 */
export function proven(answer: () => void, operation = lookAtRoot): () => void {
  let running = false
  return () => {
    if (running) return
    running = true
    const over = () => {
      running = false
      answer()
    }
    operation().then(over, over)
  }
}
