import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { epochMs, sharedMs } from '../time.js'
import type { FromThread, ThreadData, ToThread } from './media-thread.js'

type WithoutLine<M> = M extends unknown ? Omit<M, 'line'> : never

/** A line of the thread, as the rest of the program sees it. */
export interface ThreadLine {
  tell(message: WithoutLine<ToThread>): void
  /** Handles the messages of the thread until now. */
  catchUp(): void
  /** Closes the line after handling the remaining messages. */
  close(): void
}

interface MediaThread {
  /** @param onMessage is called until the line is closed */
  addLine(onMessage: (message: FromThread) => void): ThreadLine
}

let thread: MediaThread | undefined

/**
 * The thread that sends and receives the media of all phones of this process. A search for words, or a long comparison
 * in a test, keeps the main thread busy for 100 ms and more. A phone whose packets are that late has gaps: the PBX
 * fills them with silence.
 */
export function mediaThread(): MediaThread {
  thread ??= startThread()
  return thread
}

function startThread(): MediaThread {
  const { port1: port, port2 } = new MessageChannel()
  const workerData: ThreadData = { port: port2, epochOffset: epochMs() - sharedMs() }
  const worker = new Worker(new URL('./media-thread.js', import.meta.url), {
    workerData,
    transferList: [port2],
  })
  const lines = new Map<number, (message: FromThread) => void>()
  let last = 0
  const take = (message: FromThread) => void lines.get(message.line)?.(message)
  port.on('message', take)
  // A waiting thread does not keep the program alive, but an open line does.
  worker.unref()
  port.unref()

  function takeAll(): void {
    for (let got = receiveMessageOnPort(port); got; got = receiveMessageOnPort(port)) take(got.message)
  }

  return {
    addLine(onMessage) {
      const line = ++last
      if (lines.size === 0) port.ref()
      lines.set(line, onMessage)
      const tell = (message: WithoutLine<ToThread>) => port.postMessage({ line, ...message })
      return {
        tell,
        catchUp: takeAll,
        close() {
          if (!lines.has(line)) return
          tell({ t: 'close' })
          takeAll()
          lines.delete(line)
          if (lines.size === 0) port.unref()
        },
      }
    },
  }
}
