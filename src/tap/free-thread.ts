import { stat } from 'node:fs/promises'

/** The root's inode is always in memory, so looking at it needs a thread but no disk that could hang. */
const ROOT = '/'

/** A file operation that a process does at once if it has a free thread. */
const lookAtRoot = (): Promise<unknown> => stat(ROOT)

/**
 * Makes a function that calls `answer` once a file operation has come back. A process whose threads all hang in a disk still
 * reads and writes sockets, but can do nothing for a caller. Calls while an operation runs share that operation and its answer.
 *
 * @param operation the file operation; both its success and its failure prove that a thread was free
 */
export function whenThreadIsFree(answer: () => void, operation = lookAtRoot): () => void {
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
