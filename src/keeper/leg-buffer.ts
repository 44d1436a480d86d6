/** Consecutive bytes of one leg. */
export interface Block {
  /** Offset of its first byte from the start of the pipe. */
  offset: number
  /** Time at which the bytes were read, ms since the epoch. */
  arrivedAt: number
  bytes: Buffer
}

/** The next block to send, or a range of bytes that was discarded before it was sent. */
export type NextItem = { gap: { from: number; to: number } } | { block: Block }

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
