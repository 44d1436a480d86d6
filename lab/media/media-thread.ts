// Runs in a thread of its own, see start-media-thread.ts. It holds the lines, and executes the orders from a message
// port.
import type { MessagePort } from 'node:worker_threads'
import { workerData } from 'node:worker_threads'
import { sharedMs } from '../time.js'
import { MediaLine, type Peer, type Slot } from './media-line.js'
import { PacketWriter } from './packet-log.js'
import type { PhoneCodec } from './phone-codec.js'

/** The initial data of the thread. */
export interface ThreadData {
  port: MessagePort
  /** Added to the clock that all threads share to get the time, ms. See `sharedMs`. */
  epochOffset: number
}

export type ToThread = { line: number } & (
  | { t: 'open'; codec: PhoneCodec; sequence: number; watched: Int32Array }
  | { t: 'send-to'; peer: Peer }
  | { t: 'queue'; slots: Slot[] }
  | { t: 'mute'; muted: boolean }
  | { t: 'sequence'; sequence: number }
  | { t: 'restart'; source?: number | undefined }
  | { t: 'close' }
)

/**
 * All times are epoch ms. `memory` is for received packets, see `PacketReader`. `more` is sent once for each time that
 * `watched` was set.
 */
export type FromThread = { line: number } & (
  | { t: 'opened'; port: number }
  | { t: 'failed'; reason: string }
  | { t: 'memory'; memory: SharedArrayBuffer }
  | { t: 'more' }
  | { t: 'sent'; mark: number; at: number }
  | { t: 'late'; ms: number; at: number }
)

serve(workerData as ThreadData)

function serve({ port, epochOffset }: ThreadData): void {
  const lines = new Map<number, MediaLine>()
  const tell = (message: FromThread) => port.postMessage(message)
  const now = () => sharedMs() + epochOffset

  function open(line: number, codec: PhoneCodec, sequence: number, watched: Int32Array): void {
    const log = new PacketWriter(memory => tell({ line, t: 'memory', memory }))
    const opened = new MediaLine(codec, sequence, {
      received: datagram => {
        log.write(now(), datagram)
        if (Atomics.exchange(watched, 0, 0) === 1) tell({ line, t: 'more' })
      },
      sent: mark => tell({ line, t: 'sent', mark, at: now() }),
      late: ms => tell({ line, t: 'late', ms, at: now() }),
    })
    lines.set(line, opened)
    opened.open().then(
      bound => tell({ line, t: 'opened', port: bound }),
      (error: Error) => tell({ line, t: 'failed', reason: error.message }),
    )
  }

  port.on('message', (message: ToThread) => {
    const line = lines.get(message.line)
    switch (message.t) {
      case 'open':
        return open(message.line, message.codec, message.sequence, message.watched)
      case 'send-to':
        return line?.sendTo(message.peer)
      case 'queue':
        return line?.queue(message.slots)
      case 'mute':
        return line?.mute(message.muted)
      case 'restart':
        return line?.restartRtp(message.source)
      case 'sequence':
        return line?.setSequence(message.sequence)
      case 'close':
        lines.delete(message.line)
        return line?.close()
    }
  })
}
