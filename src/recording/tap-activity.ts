import type { Leg } from '../shared/audio.js'
import type { Clock } from '../shared/clock.js'

/** What Asterisk writes for a leg that sends nothing while the other one does: zero in a-law, in blocks up to a pipe's size. */
const SILENCE = Buffer.alloc(64 * 1024, 0xd5)
/** The keeper says each second that it holds much; what it has not said for so long is over, ms. */
const FILLING_TIMEOUT = 3_000

/** From what passes through a tap: whether both legs are heard, and whether what comes is made safe. */
export class TapActivity {
  readonly #clock: Pick<Clock, 'elapsed'>
  /** When a sound of each leg last came. */
  readonly #heardAt: Record<Leg, number>
  #pendingBlocks = 0
  /** When the first block began to wait, or the last one became safe. */
  #progressAt = 0
  #filling = { bytes: 0, at: Number.NEGATIVE_INFINITY }

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock
    this.#heardAt = { caller: clock.elapsed(), agent: clock.elapsed() }
  }

  /** From now on silence counts: the tap starts, or goes on after a pause. */
  restartSilence(): void {
    this.#heardAt.caller = this.#clock.elapsed()
    this.#heardAt.agent = this.#heardAt.caller
  }

  /** A block of a leg has come, and waits to be safe. */
  block(leg: Leg, bytes: Uint8Array): void {
    const now = this.#clock.elapsed()
    if (!SILENCE.subarray(0, bytes.length).equals(bytes)) this.#heardAt[leg] = now
    if (this.#pendingBlocks++ === 0) this.#progressAt = now
  }

  blockWritten(): void {
    this.#pendingBlocks--
    this.#progressAt = this.#clock.elapsed()
  }

  filling(bytes: number): void {
    this.#filling = { bytes, at: this.#clock.elapsed() }
  }

  /** For how long nothing was heard of a leg, ms. */
  silentMs(leg: Leg): number {
    return this.#clock.elapsed() - this.#heardAt[leg]
  }

  /** For how long something has been waiting to be safe, and nothing became so, ms. */
  get stuckMs(): number {
    return this.#pendingBlocks === 0 ? 0 : this.#clock.elapsed() - this.#progressAt
  }

  /** Bytes that the keeper holds, if it says that they are many. */
  get heldBytes(): number {
    return this.#clock.elapsed() - this.#filling.at > FILLING_TIMEOUT ? 0 : this.#filling.bytes
  }
}
