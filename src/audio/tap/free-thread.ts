import { statRoot } from '../../lib/files/stat-root.js'

/**
 * Makes a function that calls `answer` once a file operation has ended, and so a thread was free. A process whose
 * threads all hang in a disk still reads and writes sockets, but cannot serve a caller. Calls during an operation share
 * that operation and its answer.
 *
 * @param operation the file operation; its success and its failure both prove that a thread was free
 */
export function whenThreadIsFree(answer: () => void, operation = statRoot): () => void {
  let running = false
  return () => {
    if (running) return
    running = true
    const finish = () => {
      running = false
      answer()
    }
    operation().then(finish, finish)
  }
}
