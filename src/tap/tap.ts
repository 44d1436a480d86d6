import { access } from 'node:fs/promises'
import { LEGS, type LegIndex, ProtocolError, SUFFIXES } from '../keeper/protocol.js'
import type { KeeperLink } from './keeper-link.js'

/** What comes through a tap. Offsets are bytes from the start of the leg's pipe. */
export interface PipeListener {
  block(leg: LegIndex, offset: number, arrivedAt: number, bytes: Buffer): void
  /** Bytes that the keeper had to drop before we had them. */
  gap(leg: LegIndex, from: number, to: number): void
  /** Asterisk has closed the pipe, and everything in it has come. */
  end(leg: LegIndex): void
  /** The keeper holds much of it: bytes of its fuller leg. Said each second, as long as that lasts. */
  filling(bytes: number): void
  /**
   * The keeper died, with what it held.
   *
   * @param resumed another one reads the pipes on; else nothing more will come
   * @param where what was still to come of it
   */
  keeperDied(resumed: boolean, where: PipeInterruption): void
}

/** Where a tap stood when its keeper died. */
export interface PipeInterruption {
  /** Offset at which both legs go on. */
  base: number
  /** Bytes of each leg before it that are known to be gone: the other leg was further. */
  lost: readonly [number, number]
}

/** The number of no pair: a tap has it between two keepers. */
const NO_PAIR = 0

interface TapStart {
  prefix: string
  tag: string
  pair: number
  from: readonly [number, number]
  gone?: boolean
  listener: PipeListener
}

/** One pair of pipes in use, as the service knows it; it lives on when the keeper or the connection changes. */
export class Tap {
  readonly prefix: string
  readonly tag: string
  readonly listener: PipeListener
  /** Number of the pair with the keeper that now reads it. */
  pair: number
  /** Its channel is gone. */
  gone: boolean
  /** Where the next byte of each leg will be. */
  readonly #received: [number, number]
  readonly #acked: [number, number]
  readonly #ended: [boolean, boolean] = [false, false]

  constructor({ prefix, tag, pair, from, gone = false, listener }: TapStart) {
    this.prefix = prefix
    this.tag = tag
    this.pair = pair
    this.gone = gone
    this.listener = listener
    this.#received = [...from]
    this.#acked = [...from]
  }

  /** The channel is gone and all of its audio has come. */
  get complete(): boolean {
    return this.gone && this.#ended[0] && this.#ended[1]
  }

  /** It is complete and all of it is safe: the keeper has forgotten it. */
  get over(): boolean {
    return this.complete && LEGS.every(leg => this.#acked[leg] === this.#received[leg])
  }

  /** @throws ProtocolError if it does not follow what came before */
  block(leg: LegIndex, offset: number, arrivedAt: number, bytes: Buffer): void {
    this.#follows(leg, offset, offset + bytes.length)
    this.#received[leg] = offset + bytes.length
    this.listener.block(leg, offset, arrivedAt, bytes)
  }

  /** @throws ProtocolError as `block` */
  gap(leg: LegIndex, from: number, to: number): void {
    this.#follows(leg, from, to)
    this.#received[leg] = to
    this.listener.gap(leg, from, to)
  }

  /** A byte in another's place would be heard at another time than it was said. */
  #follows(leg: LegIndex, from: number, to: number): void {
    if (from !== this.#received[leg] || to <= from)
      throw new ProtocolError(`bytes ${from} to ${to} where ${this.#received[leg]} was next`)
  }

  end(leg: LegIndex): void {
    this.#ended[leg] = true
    this.listener.end(leg)
  }

  ack(link: KeeperLink | undefined, leg: LegIndex, offset: number): void {
    if (offset <= this.#acked[leg]) return
    this.#acked[leg] = offset
    link?.ack(this.pair, leg, offset)
  }

  /** Takes the tap up on a new connection to the keeper that reads it. */
  resume(link: KeeperLink): void {
    link.send({ t: 'want', pair: this.pair, from: this.#received })
    for (const leg of LEGS) link.ack(this.pair, leg, this.#acked[leg])
    if (this.gone) link.send({ t: 'gone', pair: this.pair })
  }

  /**
   * The keeper died; gives the offset at which both legs go on with another one. Asterisk writes both in step, so
   * whichever was ahead says where the next block of both belongs.
   */
  keeperDied(): PipeInterruption {
    this.pair = NO_PAIR
    const [caller, agent] = this.#received
    const base = Math.max(caller, agent)
    return { base, lost: [base - caller, base - agent] }
  }

  /** Whether both pipes are still where the dialplan was told to look for them. */
  async inPlace(): Promise<boolean> {
    const looks = SUFFIXES.map(suffix => access(this.prefix + suffix))
    return (await Promise.allSettled(looks)).every(({ status }) => status === 'fulfilled')
  }

  /** What of each leg is safe. */
  get acked(): [number, number] {
    return [...this.#acked]
  }

  /** Another keeper reads it now. */
  movedToKeeper(link: KeeperLink, pair: number, base: number): void {
    this.pair = pair
    for (const leg of LEGS) {
      this.#received[leg] = base
      this.#ended[leg] = false
      link.ack(pair, leg, this.#acked[leg])
    }
    if (this.gone) link.send({ t: 'gone', pair })
  }
}
