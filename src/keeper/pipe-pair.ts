import { LegBuffer } from './leg-buffer.js'
import { Pipe } from './pipe.js'
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
