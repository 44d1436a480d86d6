import { LegBuffer } from './leg-buffer.js'
import { Pipe } from './pipe.js'
import { LEGS, type LegIndex, SUFFIXES } from './protocol.js'

/** What becomes of a pair that is in use; told to whoever hands audio over. */
export interface PairObserver {
  /** There is something new to hand over: audio, or the end. */
  available(pair: PipePair, leg: LegIndex): void
}

/** Where reading begins, as offsets from the start of the pipes. */
export interface StartOffsets {
  base: number
  acked?: [number, number] | undefined
}

/** Two pipes made for one call, and what was read from them. */
export class PipePair {
  readonly id: number
  readonly prefix: string
  /** What the service gave with it, so that a successor knows whose it is. */
  tag = ''
  /** The channel is gone: nobody will open the pipes any more. */
  channelEnded = false
  legs: [LegBuffer, LegBuffer]
  readonly #pipes: [Pipe, Pipe]

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
   * @param from offset of the first byte read: where a keeper that died left off, else 0; and what of each leg was safe by then
   */
  start(tag: string, from: StartOffsets, heldBytes: number, observer: PairObserver): void {
    this.tag = tag
    const { base, acked } = from
    if (base > 0)
      this.legs = [new LegBuffer(heldBytes, base, acked?.[0]), new LegBuffer(heldBytes, base, acked?.[1])]
    for (const leg of LEGS) {
      const buffer = this.legs[leg]
      this.#pipes[leg].read(
        bytes => {
          buffer.push(bytes, Date.now())
          observer.available(this, leg)
        },
        () => {
          buffer.closed = true
          observer.available(this, leg)
        },
      )
    }
  }

  /** The channel is gone: each pipe ends as soon as it is empty and Asterisk has closed it. */
  expectEnd(): void {
    this.channelEnded = true
    for (const pipe of this.#pipes) pipe.expectEnd()
  }

  /** Both pipes have ended. */
  get ended(): boolean {
    return this.legs.every(leg => leg.closed)
  }

  /** The channel is gone and everything read is safe: nothing of the pair is needed any more. */
  get finished(): boolean {
    return this.channelEnded && this.legs.every(leg => leg.fullyAcknowledged)
  }

  /** Bytes in memory of each leg. */
  get held(): [number, number] {
    return [this.legs[0].held, this.legs[1].held]
  }

  close(): void {
    for (const pipe of this.#pipes) pipe.close()
  }
}
