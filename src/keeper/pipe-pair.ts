import { closeSync, constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { LEGS, type LegIndex, SUFFIXES } from './protocol.js'

/** Called when a pair in use has something to send. */
export interface PairObserver {
  /** A leg has new audio, or has ended. */
  available(pair: PipePair, leg: LegIndex): void
}

/** Where reading begins, in bytes from the start of the pipes. */
export interface StartOffsets {
  /** Offset of the first byte that will be read. */
  base: number
  /** For each leg, bytes before this offset were acknowledged before; `base` if undefined. */
  acked?: [number, number] | undefined
}

/** The two pipes of one call, and the audio read from them. */
export class PipePair {
  readonly id: number
  readonly prefix: string
  /** Text from the service that took the pair. It identifies the call for the next service. */
  tag = ''
  /** Whether the channel has ended, so that Asterisk does not open the pipes again. */
  channelEnded = false
  legs: [LegBuffer, LegBuffer]
  readonly #pipes: [Pipe, Pipe]
  #observer: PairObserver | undefined

  /** Opens both pipes. @throws the system's error */
  constructor(id: number, prefix: string, heldBytes: number) {
    this.id = id
    this.prefix = prefix
    this.legs = [new LegBuffer(heldBytes), new LegBuffer(heldBytes)]
    const first = new Pipe(prefix + SUFFIXES[0])
    try {
      this.#pipes = [first, new Pipe(prefix + SUFFIXES[1])]
    } catch (error) {
      first.close()
      throw error
    }
  }

  /**
   * Begins to read.
   *
   * @param tag text that identifies the call for the next service
   * @param from where a dead keeper stopped reading, else 0
   * @param heldBytes most bytes held per leg
   */
  start(tag: string, from: StartOffsets, heldBytes: number, observer: PairObserver): void {
    this.tag = tag
    const { base, acked } = from
    if (base > 0)
      this.legs = [new LegBuffer(heldBytes, base, acked?.[0]), new LegBuffer(heldBytes, base, acked?.[1])]
    this.#observer = observer
    for (const leg of LEGS) this.#read(leg)
  }

  /**
   * Continues to read where reading ended. Call this when Asterisk has closed the pipes although the channel continues,
   * before Asterisk opens them again.
   *
   * @throws Error if the channel has ended; the system's error
   */
  readAgain(): void {
    if (this.channelEnded) throw new Error('the channel has ended')
    for (const leg of LEGS) {
      if (!this.legs[leg].closed) continue
      this.#pipes[leg] = new Pipe(this.prefix + SUFFIXES[leg])
      this.legs[leg].closed = false
      this.#read(leg)
    }
  }

  #read(leg: LegIndex): void {
    const buffer = this.legs[leg]
    this.#pipes[leg].read(
      bytes => {
        buffer.push(bytes, Date.now())
        this.#observer?.available(this, leg)
      },
      () => {
        buffer.closed = true
        this.#observer?.available(this, leg)
      },
    )
  }

  /** The channel has ended: from now on each pipe ends when it is empty and Asterisk has closed it. */
  expectEnd(): void {
    this.channelEnded = true
    for (const pipe of this.#pipes) pipe.expectEnd()
  }

  /** Whether both pipes have ended. */
  get ended(): boolean {
    return this.legs.every(leg => leg.closed)
  }

  /** Whether the channel has ended and everything read is acknowledged, so that the pair is not needed any more. */
  get finished(): boolean {
    return this.channelEnded && this.legs.every(leg => leg.fullyAcknowledged)
  }

  /** Number of bytes in memory for each leg. */
  get held(): [number, number] {
    return [this.legs[0].held, this.legs[1].held]
  }

  close(): void {
    for (const pipe of this.#pipes) pipe.close()
  }
}

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
class Pipe {
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

/** Consecutive bytes of one leg. */
interface Block {
  /** Offset of its first byte from the start of the pipe. */
  offset: number
  /** Time at which the bytes were read, ms since the epoch. */
  arrivedAt: number
  bytes: Buffer
}

/** The next block to send, or a range of bytes that was discarded before it was sent. */
type NextItem = { gap: { from: number; to: number } } | { block: Block }

/**
 * Holds the audio read from one pipe until the service acknowledges it.
 *
 * The buffer has one reader. `next` returns data that the reader has not received yet, and `rewind` sets where it
 * continues. When the buffer exceeds its limit, the oldest bytes are discarded. A reader that has not received them
 * gets a gap with their range.
 */
export class LegBuffer {
  readonly #limit: number
  readonly #blocks: Block[] = []
  #start: number
  #end: number
  #acked: number
  #sent: number
  closed = false

  /**
   * @param limit most bytes held
   * @param base offset of the first byte that will be read; above 0 for a pipe that an earlier keeper read
   * @param acked bytes before this offset were acknowledged before
   */
  constructor(limit: number, base = 0, acked = base) {
    this.#limit = limit
    this.#start = base
    this.#end = base
    this.#acked = Math.min(acked, base)
    this.#sent = base
  }

  get end(): number {
    return this.#end
  }

  /** Number of bytes in memory. */
  get held(): number {
    return this.#end - this.#start
  }

  get acked(): number {
    return this.#acked
  }

  /** Whether the reader has received all audio so far. */
  get allSent(): boolean {
    return this.#sent === this.#end
  }

  /** Whether the pipe is closed and all its bytes are acknowledged. */
  get fullyAcknowledged(): boolean {
    return this.closed && this.#acked === this.#end
  }

  push(bytes: Buffer, arrivedAt: number): void {
    this.#blocks.push({ offset: this.#end, arrivedAt, bytes })
    this.#end += bytes.length
    this.#discardBefore(this.#end - this.#limit)
  }

  /** Acknowledges all bytes before `offset`. An offset that has not been read yet is ignored. */
  ack(offset: number): void {
    if (offset > this.#end || offset <= this.#acked) return
    this.#acked = offset
    this.#discardBefore(offset)
  }

  /** Sets the offset at which the reader continues, at most the end of the audio. */
  rewind(offset: number): void {
    this.#sent = Math.min(offset, this.#end)
  }

  /** Returns the next block or gap and moves the reader after it; undefined if the reader has received everything. */
  next(): NextItem | undefined {
    if (this.allSent) return undefined
    if (this.#sent < this.#start) {
      const gap = { from: this.#sent, to: this.#start }
      this.#sent = this.#start
      return { gap }
    }
    const block = this.#blocks[this.#indexOf(this.#sent)]!
    const skip = this.#sent - block.offset
    this.#sent = block.offset + block.bytes.length
    return { block: skip === 0 ? block : tail(block, skip) }
  }

  #discardBefore(before: number): void {
    if (before <= this.#start) return
    let whole = 0
    for (const block of this.#blocks) {
      if (block.offset + block.bytes.length > before) break
      whole++
    }
    this.#blocks.splice(0, whole)
    const first = this.#blocks[0]
    if (first && first.offset < before) this.#blocks[0] = tail(first, before - first.offset)
    this.#start = before
  }

  /** Returns the index of the block with this offset. Searches from the end, because most readers are near the end. */
  #indexOf(offset: number): number {
    let index = this.#blocks.length - 1
    while (this.#blocks[index]!.offset > offset) index--
    return index
  }
}

const tail = (block: Block, skip: number): Block => ({
  offset: block.offset + skip,
  arrivedAt: block.arrivedAt,
  bytes: block.bytes.subarray(skip),
})
