import { access } from 'node:fs/promises'
import { LEGS, type LegIndex, ProtocolError, SUFFIXES } from '../../keeper/protocol.js'
import type { KeeperLink } from './keeper-link.js'

/** Receives the data of a tap's pipes. Offsets are bytes since the start of the pipe. */
export interface PipeListener {
  /**
   * @param arrivedAt when the keeper read the bytes, ms since the epoch
   * @param bytes are overwritten after the call
   */
  block(pipe: LegIndex, offset: number, arrivedAt: number, bytes: Buffer): void
  /** The keeper dropped the bytes `from` to `to` (exclusive) before the service received them. */
  gap(pipe: LegIndex, from: number, to: number): void
  /** Asterisk closed the pipe, and the service received everything in it. */
  end(pipe: LegIndex): void
  /**
   * The keeper holds much audio of the tap. The keeper repeats this at each tick as long as that lasts.
   *
   * @param bytes size of the fuller pipe
   */
  filling(bytes: number): void
  /**
   * The keeper died, with the audio that it held.
   *
   * @param continued true if another keeper continues to read the pipes; false if they have no more audio
   */
  keeperDied(continued: boolean, interruption: PipeInterruption): void
}

/** Where a tap stood when its keeper died. */
export interface PipeInterruption {
  /** Offset at which both pipes continue. */
  base: number
  /** Bytes of each pipe before `base` that are known to be lost, because the other pipe had reached `base`. */
  lost: readonly [number, number]
}

/** The pair number of a tap between two keepers. No keeper uses it. */
const NO_PAIR = 0

interface PipeTapStart {
  prefix: string
  tag: string
  pair: number
  from: readonly [number, number]
  channelGone?: boolean
  listener: PipeListener
}

/** The service's state of one pair of pipes. It stays the same when the connection or the keeper changes. */
export class PipeTap {
  /** Common prefix of the two paths. */
  readonly prefix: string
  readonly tag: string
  readonly listener: PipeListener
  /** Number of the pair at the keeper that reads it now. */
  pair: number
  channelGone: boolean
  /** Offset of the next byte of each pipe. */
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

  /** The channel has ended, and the service received all audio. */
  get allReceived(): boolean {
    return this.channelGone && this.#ended[0] && this.#ended[1]
  }

  /** The service received and acknowledged all audio, so the keeper has deleted the pair. */
  get allAcknowledged(): boolean {
    return this.allReceived && LEGS.every(pipe => this.#acked[pipe] === this.#received[pipe])
  }

  /** Offsets up to which the service acknowledged each pipe. */
  get acked(): [number, number] {
    return [...this.#acked]
  }

  /** @throws ProtocolError if the block does not begin where the one before it ended */
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

  /** Throws unless the bytes follow those received. Bytes at a wrong offset would be played at a wrong time. */
  #checkContiguous(pipe: LegIndex, from: number, to: number): void {
    if (from !== this.#received[pipe] || to <= from)
      throw new ProtocolError(`bytes ${from} to ${to} where ${this.#received[pipe]} was next`)
  }

  end(pipe: LegIndex): void {
    this.#ended[pipe] = true
    this.listener.end(pipe)
  }

  /** The keeper continues to read both pipes where they ended. */
  readAgain(): void {
    for (const pipe of LEGS) this.#ended[pipe] = false
  }

  /** Acknowledges all bytes of a pipe before `offset`. Without a link, `reattach` sends the acknowledgement later. */
  acknowledge(link: KeeperLink | undefined, pipe: LegIndex, offset: number): void {
    if (offset <= this.#acked[pipe]) return
    this.#acked[pipe] = offset
    link?.ack(this.pair, pipe, offset)
  }

  /** Continues on a new connection to the same keeper. */
  reattach(link: KeeperLink): void {
    link.send({ t: 'want', pair: this.pair, from: this.#received })
    for (const pipe of LEGS) link.ack(this.pair, pipe, this.#acked[pipe])
    if (this.channelGone) link.send({ t: 'gone', pair: this.pair })
  }

  /**
   * Detaches the tap from a keeper that died. Asterisk writes both pipes in step, so both continue at the offset of the
   * pipe that was ahead.
   */
  keeperDied(): PipeInterruption {
    this.pair = NO_PAIR
    const [caller, agent] = this.#received
    const base = Math.max(caller, agent)
    return { base, lost: [base - caller, base - agent] }
  }

  /**
   * Continues with another keeper.
   *
   * @param base offset at which both pipes continue
   */
  attachToNewKeeper(link: KeeperLink, pair: number, base: number): void {
    this.pair = pair
    for (const pipe of LEGS) {
      this.#received[pipe] = base
      this.#ended[pipe] = false
      link.ack(pair, pipe, this.#acked[pipe])
    }
    if (this.channelGone) link.send({ t: 'gone', pair })
  }

  /** Resolves to whether both pipes still have the paths that the dialplan was given. */
  async pipesExist(): Promise<boolean> {
    const checks = SUFFIXES.map(suffix => access(this.prefix + suffix))
    return (await Promise.allSettled(checks)).every(({ status }) => status === 'fulfilled')
  }
}
