import { closeSync, constants, openSync } from 'node:fs'
import { Socket } from 'node:net'

const { O_RDONLY, O_WRONLY, O_NONBLOCK, O_NOFOLLOW } = constants

/** What a read of a pipe may give at most: a pipe's whole capacity, and two of Asterisk's 32 KB blocks. */
const READ_BYTES = 64 * 1024
/** Shared by all pipes: what was read is copied out at once, at its true length. */
const readBuffer = Buffer.allocUnsafe(READ_BYTES)

/**
 * One named pipe, open for reading from before its name is known to anyone.
 *
 * Our own writer keeps the pipe from ending before Asterisk has opened it. It is closed at the first data, when
 * Asterisk's writer is there, or when the channel is gone and nobody will come; what is left then ends truly.
 */
export class Pipe {
  readonly path: string
  readonly #readFd: number
  #ownWriter: number | undefined
  #socket: Socket | undefined

  /** @throws the system's error if the path is no pipe that can be opened */
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
   * Begins to read. A stream socket and not a file stream, because the latter blocks a thread for each pipe.
   *
   * @param onData gets each piece in a buffer of its own
   * @param onEnd every writer has closed
   */
  read(onData: (bytes: Buffer) => void, onEnd: () => void): void {
    const callback = (length: number, buffer: Uint8Array): boolean => {
      onData(Buffer.from(buffer.subarray(0, length)))
      this.expectEnd()
      return true
    }
    // `onread` is honoured together with `fd`, though the type says so only for `connect`.
    const options = {
      fd: this.#readFd,
      readable: true,
      writable: false,
      onread: { buffer: readBuffer, callback },
    }
    this.#socket = new Socket(options)
    // An error of a pipe that is read is its end as well: nothing more will come.
    this.#socket.on('error', () => {})
    this.#socket.on('close', onEnd)
  }

  /** From now on the pipe ends when Asterisk closes it, or at once if Asterisk never opened it. */
  expectEnd(): void {
    if (this.#ownWriter === undefined) return
    closeSync(this.#ownWriter)
    this.#ownWriter = undefined
  }

  /** Closes our ends; a writer that is still there gets an error and goes on without us. */
  close(): void {
    this.expectEnd()
    if (this.#socket) this.#socket.destroy()
    else closeSync(this.#readFd)
  }
}
