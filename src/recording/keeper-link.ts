import { connect, type Socket } from 'node:net'
import {
  ackFrame,
  controlFrame,
  type Frame,
  FrameReader,
  type FromKeeper,
  type FromService,
  type LegIndex,
  MAX_FROM_KEEPER,
} from '../keeper/protocol.js'

export interface LinkEvents {
  frame(frame: Frame<FromKeeper>): void
  closed(): void
}

/** One connection to a keeper: frames in, frames out. */
export class KeeperLink {
  readonly #socket: Socket
  readonly #reader = new FrameReader<FromKeeper>(MAX_FROM_KEEPER)

  private constructor(socket: Socket, events: LinkEvents) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const frame of this.#reader.push(chunk)) events.frame(frame)
      } catch (error) {
        socket.destroy(error as Error)
      }
    })
    // The loss of a connection is told by `close`, whatever its cause.
    socket.on('error', () => {})
    socket.on('close', () => events.closed())
  }

  /** @throws the system's error if no keeper listens at the path */
  static open(path: string, events: LinkEvents): Promise<KeeperLink> {
    return new Promise((resolve, reject) => {
      const socket = connect(path)
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new KeeperLink(socket, events))
      })
    })
  }

  send(message: FromService): void {
    if (!this.#socket.destroyed) this.#socket.write(controlFrame(message))
  }

  ack(pair: number, leg: LegIndex, offset: number): void {
    if (!this.#socket.destroyed) this.#socket.write(ackFrame(pair, leg, offset))
  }

  /** Sends what was written, then closes. */
  close(): Promise<void> {
    return new Promise(resolve => {
      if (this.#socket.destroyed) return resolve()
      this.#socket.once('close', () => resolve())
      this.#socket.end()
      this.#socket.destroySoon()
    })
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
