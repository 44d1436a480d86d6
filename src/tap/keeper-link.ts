import { connect, type Socket } from 'node:net'
import { checkFromKeeper } from '../keeper/check-message.js'
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
import { SocketFolder } from '../keeper/socket-folder.js'

/** A keeper that runs takes leave at once, ms; one that stands still is not waited for. */
const CLOSE_TIMEOUT = 1_000

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
        for (const frame of this.#reader.push(chunk)) {
          if (frame.kind === 'control') checkFromKeeper(frame.control)
          events.frame(frame)
        }
      } catch (error) {
        socket.destroy(error as Error)
      }
    })
    // The loss of a connection is told by `close`, whatever its cause.
    socket.on('error', () => {})
    socket.on('close', () => events.closed())
  }

  /**
   * Connects to the keeper that listens at the path. The socket's folder is checked first, so that nothing is sent to a process
   * of another user.
   *
   * @throws Error if the folder is not our own or lets others in, or no socket of ours is there; the system's error if
   * nobody listens
   */
  static open(path: string, events: LinkEvents): Promise<KeeperLink> {
    return new Promise((resolve, reject) => {
      const folder = SocketFolder.open(path, 'fail')
      if (!folder.hasSocket) {
        folder.close()
        throw new Error(`no keeper listens at ${path}`)
      }
      const socket = connect(folder.socket)
      socket.once('error', error => {
        folder.close()
        reject(error)
      })
      socket.once('connect', () => {
        folder.close()
        socket.removeAllListeners('error')
        resolve(new KeeperLink(socket, events))
      })
    })
  }

  send(message: FromService): void {
    if (!this.#socket.destroyed) this.#socket.write(controlFrame(message))
  }

  ack(pair: number, pipe: LegIndex, offset: number): void {
    if (!this.#socket.destroyed) this.#socket.write(ackFrame(pair, pipe, offset))
  }

  /**
   * Sends what was written, then closes, once the keeper has read it: one that is told of the end while it writes to us
   * would lose our last words.
   */
  close(): Promise<void> {
    return new Promise(resolve => {
      if (this.#socket.destroyed) return resolve()
      const timer = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT)
      this.#socket.once('close', () => {
        clearTimeout(timer)
        resolve()
      })
      this.#socket.end()
    })
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
