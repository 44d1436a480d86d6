/** A run of bytes of one leg. */
export interface Block {
  /** Offset of its first byte from the start of the pipe. */
  offset: number
  /** When it was read, ms since the epoch. */
  arrivedAt: number
  bytes: Buffer
}

export type NextItem = { gap: { from: number; to: number } } | { block: Block }

/**
 * What was read from one pipe and is not yet safe elsewhere.
 *
 * It has one reader, whose place is `sent`; a reader that comes anew sets its place with `rewind`. Bytes beyond the
 * limit are dropped, oldest first; a reader that has not had them learns exactly which.
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
   * @param base offset of the first byte that will be read; not 0 where a pipe is taken up again
   * @param acked what is safe elsewhere of what came before it
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

  /** Bytes in memory. */
  get held(): number {
    return this.#end - this.#start
  }

  get acked(): number {
    return this.#acked
  }

  /** Whether the reader has had everything read so far. */
  get allSent(): boolean {
    return this.#sent === this.#end
  }

  /** Whether everything read so far is safe elsewhere, and nothing will follow. */
  get fullyAcknowledged(): boolean {
    return this.closed && this.#acked === this.#end
  }

  push(bytes: Buffer, arrivedAt: number): void {
    this.#blocks.push({ offset: this.#end, arrivedAt, bytes })
    this.#end += bytes.length
    this.#discardBefore(this.#end - this.#limit)
  }

  /** Everything before `offset` is safe. An offset that was never reached is ignored. */
  ack(offset: number): void {
    if (offset > this.#end || offset <= this.#acked) return
    this.#acked = offset
    this.#discardBefore(offset)
  }

  /** The reader wants everything from `offset` on, clamped to what was read. */
  rewind(offset: number): void {
    this.#sent = Math.min(offset, this.#end)
  }

  /** What the reader gets next, and moves its place behind it; undefined when it has had everything. */
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

  /** Searched from the end, where a reader that keeps up always is. */
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
