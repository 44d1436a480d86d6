/** A received datagram. */
export interface LoggedPacket {
  /** Arrival, epoch ms. */
  at: number
  datagram: Buffer
}

/** Size of a piece of the log: seven seconds of packets, and more than the longest datagram. */
const CHUNK_BYTES = 1 << 16
/** Words at the start of a chunk: the end of its records, and whether another chunk continues the log. */
const [END, FULL, HEADER_BYTES] = [0, 1, 8]
/** Each datagram follows its arrival and its length. */
const RECORD_BYTES = 12
/** Records begin at multiples of this, because of the arrival's alignment. */
const ALIGNMENT = 8

const align = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

/** One piece of a log's memory, as both threads see it. */
class Chunk {
  readonly bytes: Buffer
  readonly words: Int32Array
  readonly times: Float64Array

  constructor(readonly memory: SharedArrayBuffer) {
    this.bytes = Buffer.from(memory)
    this.words = new Int32Array(memory)
    this.times = new Float64Array(memory)
  }
}

/**
 * Writes packets that another thread reads when it needs them. Neither wakes the other, as a message for each packet
 * would.
 */
export class PacketWriter {
  #chunk: Chunk | undefined
  #end = 0

  /** @param onChunk hands new memory to the reader, before anything is read there */
  constructor(private readonly onChunk: (memory: SharedArrayBuffer) => void) {}

  write(at: number, datagram: Uint8Array): void {
    const size = align(RECORD_BYTES + datagram.length)
    const chunk = this.#chunkFor(size)
    chunk.times[this.#end / Float64Array.BYTES_PER_ELEMENT] = at
    chunk.words[this.#end / Int32Array.BYTES_PER_ELEMENT + 2] = datagram.length
    chunk.bytes.set(datagram, this.#end + RECORD_BYTES)
    this.#end += size
    Atomics.store(chunk.words, END, this.#end)
  }

  #chunkFor(size: number): Chunk {
    const last = this.#chunk
    if (last && this.#end + size <= CHUNK_BYTES) return last
    const next = new Chunk(new SharedArrayBuffer(CHUNK_BYTES))
    this.onChunk(next.memory)
    if (last) Atomics.store(last.words, FULL, 1)
    this.#end = HEADER_BYTES
    this.#chunk = next
    return next
  }
}

/** Reads the packets of a {@link PacketWriter}. */
export class PacketReader {
  readonly #chunks: Chunk[] = []
  #end = HEADER_BYTES

  /** Adds memory that the writer handed over. */
  add(memory: SharedArrayBuffer): void {
    this.#chunks.push(new Chunk(memory))
  }

  /**
   * The packets since the last call, in their order.
   *
   * @param takeMemory adds the memory that the writer has handed over
   */
  *read(takeMemory: () => void): Generator<LoggedPacket> {
    if (this.#chunks.length === 0) takeMemory()
    for (let chunk = this.#chunks[0]; chunk; chunk = this.#chunks[0]) {
      // This order matters: a full chunk gets no more records.
      const isFull = Atomics.load(chunk.words, FULL) === 1
      const end = Atomics.load(chunk.words, END)
      while (this.#end < end) yield this.#next(chunk)
      if (!isFull) return
      if (this.#chunks.length === 1) takeMemory()
      // The notice of the new memory may have caused a further read.
      if (this.#chunks[0] !== chunk) continue
      this.#chunks.shift()
      this.#end = HEADER_BYTES
    }
  }

  #next({ bytes, words, times }: Chunk): LoggedPacket {
    const at = times[this.#end / Float64Array.BYTES_PER_ELEMENT]!
    const length = words[this.#end / Int32Array.BYTES_PER_ELEMENT + 2]!
    const from = this.#end + RECORD_BYTES
    this.#end += align(RECORD_BYTES + length)
    return { at, datagram: bytes.subarray(from, from + length) }
  }
}
