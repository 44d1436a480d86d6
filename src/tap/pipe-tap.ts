import { access } from 'node:fs/promises'
import { LEGS, type LegIndex, ProtocolError, SUFFIXES } from '../keeper/protocol.js'
import type { KeeperLink } from './keeper-link.js'

/** What comes through a tap. Offsets are bytes from the start of the leg's pipe. */
export interface PipeListener {
  block(pipe: LegIndex, offset: number, arrivedAt: number, bytes: Buffer): void
  /** Bytes that the keeper had to drop before we had them. */
  gap(pipe: LegIndex, from: number, to: number): void
  /** Asterisk has closed the pipe, and everything in it has come. */
  end(pipe: LegIndex): void
  /** The keeper holds much of it: bytes of its fuller leg. Said each second, as long as that lasts. */
  filling(bytes: number): void
  /**
   * The keeper died, with what it held.
   *
   * @param continued another one reads the pipes on; else nothing more will come
   * @param interruption what was still to come of it
   */
  keeperDied(continued: boolean, interruption: PipeInterruption): void
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

interface PipeTapStart {
  prefix: string
  tag: string
  pair: number
  from: readonly [number, number]
  channelGone?: boolean
  listener: PipeListener
}

/** One pair of pipes in use, as the service knows it; it lives on when the keeper or the connection changes. */
export class PipeTap {
  readonly prefix: string
  readonly tag: string
  readonly listener: PipeListener
  /** Number of the pair with the keeper that now reads it. */
  pair: number
  /** Its channel is gone. */
  channelGone: boolean
  /** Where the next byte of each leg will be. */
  readonly #received: [number, number]
  readonly #acked: [number, number]
  readonly #ended: [boolean, boolean] = [false, false]

  constructor({ prefix, tag, pair, from, channelGone = false, listener }: PipeTapStart) {
    this.prefix = prefix
    this.tag = tag
    this.pair = pair
    this.channelGone = channelGone
    this.listener = listener
    this.#received = [...from]
    this.#acked = [...from]
  }

  /** The channel is gone and all of its audio has come. */
  get allReceived(): boolean {
    return this.channelGone && this.#ended[0] && this.#ended[1]
  }

  /** It is complete and all of it is safe: the keeper has forgotten it. */
  get allAcknowledged(): boolean {
    return this.allReceived && LEGS.every(pipe => this.#acked[pipe] === this.#received[pipe])
  }

  /** @throws ProtocolError if it does not follow what came before */
  block(pipe: LegIndex, offset: number, arrivedAt: number, bytes: Buffer): void {
    this.#checkContiguous(pipe, offset, offset + bytes.length)
    this.#received[pipe] = offset + bytes.length
    this.listener.block(pipe, offset, arrivedAt, bytes)
  }

  /** @throws ProtocolError as `block` */
  gap(pipe: LegIndex, from: number, to: number): void {
    this.#checkContiguous(pipe, from, to)
    this.#received[pipe] = to
    this.listener.gap(pipe, from, to)
  }

  /** A byte in another's place would be heard at another time than it was said. */
  #checkContiguous(pipe: LegIndex, from: number, to: number): void {
    if (from !== this.#received[pipe] || to <= from)
      throw new ProtocolError(`bytes ${from} to ${to} where ${this.#received[pipe]} was next`)
  }

  end(pipe: LegIndex): void {
    this.#ended[pipe] = true
    this.listener.end(pipe)
  }

  acknowledge(link: KeeperLink | undefined, pipe: LegIndex, offset: number): void {
    if (offset <= this.#acked[pipe]) return
    this.#acked[pipe] = offset
    link?.ack(this.pair, pipe, offset)
  }

  /** Takes the tap up on a new connection to the keeper that reads it. */
  reattach(link: KeeperLink): void {
    link.send({ t: 'want', pair: this.pair, from: this.#received })
    for (const pipe of LEGS) link.ack(this.pair, pipe, this.#acked[pipe])
    if (this.channelGone) link.send({ t: 'gone', pair: this.pair })
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
  async pipesExist(): Promise<boolean> {
    const checks = SUFFIXES.map(suffix => access(this.prefix + suffix))
    return (await Promise.allSettled(checks)).every(({ status }) => status === 'fulfilled')
  }

  /** What of each leg is safe. */
  get acked(): [number, number] {
    return [...this.#acked]
  }

  /** Another keeper reads it now. */
  attachToNewKeeper(link: KeeperLink, pair: number, base: number): void {
    this.pair = pair
    for (const pipe of LEGS) {
      this.#received[pipe] = base
      this.#ended[pipe] = false
      link.ack(pair, pipe, this.#acked[pipe])
    }
    if (this.channelGone) link.send({ t: 'gone', pair })
  }
}
