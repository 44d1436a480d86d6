import type { Leg } from '../core/audio.js'
import type { Clock } from '../core/clock.js'
import type { RecordingSigns } from '../core/ports.js'

/** Asterisk writes this for a leg that sends nothing while the other leg does: a-law zero, up to a pipe's size. */
const SILENCE = Buffer.alloc(64 * 1024, 0xd5)
/**
 * The keeper reports at each tick, every 0.5 s, while it holds much audio. An older report is void after this time, ms.
 */
const FILLING_TIMEOUT = 3_000

/** Measures for one tap how long each leg has been silent and how long audio has been waiting to be written. */
export class TapActivity {
  readonly #clock: Pick<Clock, 'elapsed'>
  /** When each leg was last not silent, monotonic, ms. */
  readonly #heardAt: Record<Leg, number>
  #pendingBlocks = 0
  /** When the first pending block came, or the last one was written, monotonic, ms. */
  #progressAt = 0
  #filling = { bytes: 0, at: Number.NEGATIVE_INFINITY }

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock
    this.#heardAt = { caller: clock.elapsed(), agent: clock.elapsed() }
  }

  /** Measures silence from now on. Call this when the tap starts, and at the end of a pause. */
  restartSilence(): void {
    this.#heardAt.caller = this.#clock.elapsed()
    this.#heardAt.agent = this.#heardAt.caller
  }

  /** A block came and waits to be written. */
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

  /** @param holds whether audio is held back @param omits which leg is left out of a recording */
  signs(
    holds: boolean,
    redaction: { omits(leg: Leg): boolean },
  ): Pick<RecordingSigns, 'silentMs' | 'stuckMs' | 'heldBytes'> {
    const silent = (leg: Leg) => (holds || redaction.omits(leg) ? 0 : this.silentMs(leg))
    const silentMs = { caller: silent('caller'), agent: silent('agent') }
    return { silentMs, stuckMs: this.stuckMs, heldBytes: holds ? 0 : this.heldBytes }
  }

  /** @returns how long the leg has been silent, ms */
  silentMs(leg: Leg): number {
    return this.#clock.elapsed() - this.#heardAt[leg]
  }

  /** How long blocks have been pending without one being written, ms; 0 if none is pending. */
  get stuckMs(): number {
    return this.#pendingBlocks === 0 ? 0 : this.#clock.elapsed() - this.#progressAt
  }

  /** Bytes that the keeper holds of the fuller leg; 0 unless it reports that they are many. */
  get heldBytes(): number {
    return this.#clock.elapsed() - this.#filling.at > FILLING_TIMEOUT ? 0 : this.#filling.bytes
  }
}
