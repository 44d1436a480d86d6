import { connect, type Socket } from 'node:net'
import { checkFromKeeper } from '../../keeper/check-message.js'
import {
  ackFrame,
  controlFrame,
  type Frame,
  FrameReader,
  type FromKeeper,
  type FromService,
  type LegIndex,
  MAX_FROM_KEEPER,
} from '../../keeper/protocol.js'
import { SocketFolder } from '../../keeper/socket-folder.js'
import { type Fault, faultOf } from '../../lib/faults.js'

/**
 * Longest time until the keeper closes its side, ms. A running keeper does so at once. After this time the service
 * closes the connection.
 */
const CLOSE_TIMEOUT = 1_000
/**
 * Most bytes of one read: all that the socket's buffer of 208 KB holds on Linux, so that few blocks of audio arrive in
 * two reads.
 */
const READ_BYTES = 256 * 1024
/**
 * How long an acknowledgement waits for others, ms. They are sent together, because each write to the socket wakes the
 * keeper. It is much less than the 30 s of audio that the keeper can hold.
 */
const ACK_WAIT = 20

export interface LinkEvents {
  /** The audio of a frame is overwritten after the call. */
  frame(frame: Frame<FromKeeper>): void
  /**
   * @param why why this side ended the connection: an error that `frame` threw, or a violation of the protocol
   */
  closed(why?: Fault): void
}

/** One connection to a keeper. It sends and receives frames. */
export class KeeperLink {
  readonly #socket: Socket
  readonly #reader = new FrameReader<FromKeeper>(MAX_FROM_KEEPER)
  readonly #events: LinkEvents
  #fault: Fault | undefined
  /** Acknowledgements that wait for others. */
  #acks: Buffer[] = []

  private constructor(socket: Socket, events: LinkEvents) {
    this.#socket = socket
    this.#events = events
    // Every error is followed by `close`.
    socket.on('error', () => {})
    socket.on('close', () => events.closed(this.#fault))
  }

  /**
   * Connects to the keeper that listens at the path. First it checks the folder of the socket, so that no data goes to
   * a process of another user.
   *
   * @throws Error if the folder belongs to another user, if others may use it, or if our user has no socket there; the
   *   system's error if no process listens
   */
  static async open(path: string, events: LinkEvents): Promise<KeeperLink> {
    const folder = await SocketFolder.open(path, 'fail')
    if (!(await folder.hasSocket())) {
      folder.close()
      throw new Error(`no keeper listens at ${path}`)
    }
    return new Promise((resolve, reject) => {
      let link: KeeperLink | undefined
      // All reads share one buffer. The frames of a read are handled before the next read.
      const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
      const callback = (length: number): boolean => {
        if (link) link.#read(buffer.subarray(0, length))
        return true
      }
      const socket = connect({ path: folder.socket, onread: { buffer, callback } })
      socket.once('error', error => {
        folder.close()
        reject(error)
      })
      socket.once('connect', () => {
        folder.close()
        socket.removeAllListeners('error')
        link = new KeeperLink(socket, events)
        resolve(link)
      })
    })
  }

  /** Sends a message, after all acknowledgements before it. */
  send(message: FromService): void {
    this.#sendAcks()
    if (!this.#socket.destroyed) this.#socket.write(controlFrame(message))
  }

  /** Sends an acknowledgement within `ACK_WAIT`. */
  ack(pair: number, pipe: LegIndex, offset: number): void {
    if (this.#acks.length === 0) setTimeout(() => this.#sendAcks(), ACK_WAIT)
    this.#acks.push(ackFrame(pair, pipe, offset))
  }

  /**
   * Closes the connection after the keeper has read everything that was sent. A keeper whose connection breaks while it
   * writes would lose the last messages.
   */
  close(): Promise<void> {
    this.#sendAcks()
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

  /** Whether the connection has ended. */
  get isClosed(): boolean {
    return this.#socket.destroyed
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) {
        if (frame.kind === 'control') checkFromKeeper(frame.control)
        this.#events.frame(frame)
      }
    } catch (error) {
      this.#fault = faultOf(error)
      this.#socket.destroy(error as Error)
    }
  }

  #sendAcks(): void {
    const acks = this.#acks
    this.#acks = []
    if (acks.length > 0 && !this.#socket.destroyed) this.#socket.write(Buffer.concat(acks))
  }
}
