import { closeSync, constants, openSync } from 'node:fs'
import { Socket } from 'node:net'

const { O_RDONLY, O_WRONLY, O_NONBLOCK, O_NOFOLLOW } = constants

/** Most bytes of one read: the capacity of a pipe, and two of Asterisk's 32 KB blocks. */
const READ_BYTES = 64 * 1024
/** Shared by all pipes, because each read is copied out at once. */
const readBuffer = Buffer.allocUnsafe(READ_BYTES)

/**
 * One named pipe. It is open for reading before Asterisk learns its name.
 *
 * The keeper also opens the pipe for writing, because a pipe without a writer ends at once. It closes this writer at
 * the first data, when Asterisk has the pipe open, or when the channel has ended. The pipe then ends when Asterisk
 * closes it.
 */
export class Pipe {
  readonly path: string
  readonly #readFd: number
  #ownWriter: number | undefined
  #socket: Socket | undefined

  /** Opens the pipe. @throws the system's error */
  constructor(path: string) {
    this.path = path
    this.#readFd = openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
    try {
      this.#ownWriter = openSync(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW)
    } catch (error) {
      closeSync(this.#readFd)
      throw error
    }
  }

  /**
   * Begins to read. It uses a socket, because a file stream would block a thread for each pipe.
   *
   * @param onData gets each piece in a buffer of its own
   * @param onEnd called when every writer has closed the pipe
   */
  read(onData: (bytes: Buffer) => void, onEnd: () => void): void {
    const callback = (length: number, buffer: Uint8Array): boolean => {
      onData(Buffer.from(buffer.subarray(0, length)))
      this.expectEnd()
      return true
    }
    // `onread` also works with `fd`, although the type declares it only for `connect`.
    const options = {
      fd: this.#readFd,
      readable: true,
      writable: false,
      onread: { buffer: readBuffer, callback },
    }
    this.#socket = new Socket(options)
    // After a read error `close` follows, which reports the end of the pipe.
    this.#socket.on('error', () => {})
    this.#socket.on('close', onEnd)
  }

  /** Makes the pipe end when Asterisk closes it, or at once if Asterisk has not opened it. */
  expectEnd(): void {
    if (this.#ownWriter === undefined) return
    closeSync(this.#ownWriter)
    this.#ownWriter = undefined
  }

  /** Closes the pipe. If Asterisk still has it open, its next write fails and the call continues. */
  close(): void {
    this.expectEnd()
    if (this.#socket) this.#socket.destroy()
    else closeSync(this.#readFd)
  }
}
