import type { Socket } from 'node:net'
import { checkFromService } from './check-message.js'
import type { PipePair } from './pipe-pair.js'
import {
  audioHead,
  controlFrame,
  FrameReader,
  type FromKeeper,
  type FromService,
  LEGS,
  type LegIndex,
  MAX_FROM_SERVICE,
} from './protocol.js'

/** Receives what a connection reads. */
export interface ConnectionEvents {
  message(connection: Connection, message: FromService): void
  ack(pair: number, leg: LegIndex, offset: number): void
  closed(connection: Connection): void
}

/**
 * The connection to one service: reads its messages and sends audio and messages to it. A service that reads slowly
 * does not block the keeper, because audio stays in the leg buffers until the socket accepts it.
 */
export class Connection {
  readonly #socket: Socket
  readonly #events: ConnectionEvents
  /** Pairs whose audio this service has asked for. */
  readonly #sending = new Set<PipePair>()
  /** Legs with something to send, served in turn. */
  readonly #queue = new Map<string, { pair: PipePair; leg: LegIndex }>()

  constructor(socket: Socket, events: ConnectionEvents) {
    this.#socket = socket
    this.#events = events
    const reader = new FrameReader<FromService>(MAX_FROM_SERVICE)
    socket.on('data', (chunk: Buffer) => this.#read(reader, chunk))
    socket.on('drain', () => this.#sendQueued())
    // Every error is followed by `close`, which reports the loss.
    socket.on('error', () => {})
    socket.on('close', () => events.closed(this))
  }

  send(message: FromKeeper): void {
    if (!this.#socket.destroyed) this.#socket.write(controlFrame(message))
  }

  /** Sends the audio of a pair, beginning at these byte offsets, and all later audio. */
  sendFrom(pair: PipePair, from: readonly [number, number]): void {
    this.#sending.add(pair)
    for (const leg of LEGS) {
      pair.legs[leg].rewind(from[leg])
      this.enqueue(pair, leg)
    }
  }

  /** Sends new audio of a leg, if the service has asked for the pair. */
  enqueue(pair: PipePair, leg: LegIndex): void {
    if (!this.#sending.has(pair)) return
    this.#queue.set(`${pair.id}:${leg}`, { pair, leg })
    this.#sendQueued()
  }

  stopSending(pair: PipePair): void {
    this.#sending.delete(pair)
  }

  /** Whether the service reads so slowly that more output would only fill memory. */
  get congested(): boolean {
    return this.#socket.writableNeedDrain
  }

  /** Closes the connection after all output is sent. @param last one more message to send before */
  close(last?: FromKeeper): void {
    if (last) this.#socket.end(controlFrame(last))
    this.#socket.destroySoon()
  }

  /** Closes the connection at once. Unsent output is lost. */
  destroy(): void {
    this.#socket.destroy()
  }

  #read(reader: FrameReader<FromService>, chunk: Buffer): void {
    try {
      for (const frame of reader.push(chunk)) {
        if (this.#socket.destroyed) return
        if (frame.kind === 'ack') this.#events.ack(frame.pair, frame.leg, frame.offset)
        else if (frame.kind === 'control') this.#events.message(this, checkFromService(frame.control))
      }
    } catch {
      // The peer breaks the protocol. Close the connection; a real service connects again.
      this.#socket.destroy()
    }
  }

  #sendQueued(): void {
    this.#socket.cork()
    for (const [key, { pair, leg }] of this.#queue) {
      if (this.congested || this.#socket.destroyed) break
      this.#queue.delete(key)
      const item = pair.legs[leg].next()
      if (!item) {
        if (pair.legs[leg].closed) this.send({ t: 'eof', pair: pair.id, leg, total: pair.legs[leg].end })
        continue
      }
      if ('gap' in item) this.send({ t: 'gap', pair: pair.id, leg, ...item.gap })
      else {
        const { offset, arrivedAt, bytes } = item.block
        this.#socket.write(audioHead(pair.id, leg, offset, arrivedAt, bytes.length))
        this.#socket.write(bytes)
      }
      // Append the leg again, so that this loop returns to it after all others.
      this.#queue.set(key, { pair, leg })
    }
    this.#socket.uncork()
  }
}
