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

export interface ConnectionEvents {
  message(connection: Connection, message: FromService): void
  ack(pair: number, leg: LegIndex, offset: number): void
  closed(connection: Connection): void
}

/** One connected service: what it says, and what it is handed. A service that does not read holds nothing up. */
export class Connection {
  readonly #socket: Socket
  readonly #events: ConnectionEvents
  /** Pairs of which this service has said from where it wants them. */
  readonly #sending = new Set<PipePair>()
  /** Legs with something to hand over, served in turn. */
  readonly #queue = new Map<string, { pair: PipePair; leg: LegIndex }>()

  constructor(socket: Socket, events: ConnectionEvents) {
    this.#socket = socket
    this.#events = events
    const reader = new FrameReader<FromService>(MAX_FROM_SERVICE)
    socket.on('data', (chunk: Buffer) => this.#read(reader, chunk))
    socket.on('drain', () => this.#sendQueued())
    // The loss of a connection is told by `close`, whatever its cause.
    socket.on('error', () => {})
    socket.on('close', () => events.closed(this))
  }

  send(message: FromKeeper): void {
    if (!this.#socket.destroyed) this.#socket.write(controlFrame(message))
  }

  /** Hands the pair over from these offsets on, and whatever follows. */
  sendFrom(pair: PipePair, from: readonly [number, number]): void {
    this.#sending.add(pair)
    for (const leg of LEGS) {
      pair.legs[leg].rewind(from[leg])
      this.enqueue(pair, leg)
    }
  }

  enqueue(pair: PipePair, leg: LegIndex): void {
    if (!this.#sending.has(pair)) return
    this.#queue.set(`${pair.id}:${leg}`, { pair, leg })
    this.#sendQueued()
  }

  stopSending(pair: PipePair): void {
    this.#sending.delete(pair)
  }

  /** Whether so much lies unread that more would only fill memory. */
  get congested(): boolean {
    return this.#socket.writableNeedDrain
  }

  close(last?: FromKeeper): void {
    if (last) this.#socket.end(controlFrame(last))
    this.#socket.destroySoon()
  }

  /** Ends it whatever was not read yet. */
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
      // Whoever breaks the protocol is no service of ours, or a broken one: it may come again.
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
      // Behind all others; the loop comes to it again.
      this.#queue.set(key, { pair, leg })
    }
    this.#socket.uncork()
  }
}
