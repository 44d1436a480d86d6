/*
 * The room of taps: it connects the service to the keeper and delivers the audio of calls as samples of legs. A tap is
 * in a-law, so an offset in a pipe, bytes, is the position of a sample. Pipe 0 (`rx`) holds what the caller says, pipe 1
 * (`tx`) what the caller hears: the order of `LEGS`.
 */
import { access } from 'node:fs/promises'
import { type AudioBlock, LEGS, type Leg } from '../../core/audio.js'
import { type LegIndex, ProtocolError, SUFFIXES } from '../../keeper/protocol.js'
import type { HeldPair } from './keeper-attach.js'
import type { KeeperLink } from './keeper-link.js'

/** Receives the audio of a tap. Positions are samples since the tap began. */
export interface TapListener {
  /** The bytes of the block are overwritten after the call. */
  block(block: AudioBlock): void
  /** The keeper dropped the samples `from` to `to` (exclusive) before the service received them. */
  gap(leg: Leg, from: number, to: number): void
  /** The leg has no more audio. */
  end(leg: Leg): void
  /**
   * The keeper holds much audio that the service has not acknowledged. The keeper repeats this at each tick as long as
   * that lasts.
   *
   * @param bytes size of the fuller leg
   */
  filling(bytes: number): void
  /**
   * The keeper died, with the audio that it held.
   *
   * @param continued true if another keeper continues to read; false if the tap has no more audio
   */
  interrupted(continued: boolean, interruption: Interruption): void
}

/** Where a tap stood when its keeper died. */
export interface Interruption {
  /** The sample at which both legs continue. */
  sample: number
  /** Samples of each leg before `sample` that are known to be lost, because the other leg had reached `sample`. */
  lost: Readonly<Record<Leg, number>>
}

/** What a tap needs of the keeper's client. */
export interface TapKeeper {
  /** The connection to the keeper; undefined while there is none. */
  readonly link: KeeperLink | undefined
  /** Has the keeper read the tap's pipes again after they ended. @throws AppError `tap.unavailable` */
  readAgain(tap: Tap): Promise<void>
  /** The keeper has deleted the pair, because the service has acknowledged all audio of it. */
  forget(tap: Tap): void
}

/** The pair number of a tap between two keepers. No keeper uses it. */
const NO_PAIR = 0

const PIPE_OF: Readonly<Record<Leg, LegIndex>> = { caller: 0, agent: 1 }

interface TapStart {
  keeper: TapKeeper
  reference: string
  tag: string
  pair: number
  /** The first sample of each leg that the service has not received. */
  from: Readonly<Record<Leg, number>>
  ending?: boolean
  listener: TapListener
}

/** One tap in use: a pair of pipes. It stays the same when the connection or the keeper changes. */
export class Tap {
  /** The value that the dialplan gets in `CONSENTRY_TAP`: the common prefix of the pipes' paths. */
  readonly reference: string
  /** Identifies the call of the tap for a later service. */
  readonly tag: string
  readonly listener: TapListener
  /** Number of the pair at the keeper that reads it now. */
  pair: number
  readonly #keeper: TapKeeper
  #ending: boolean
  /** The next sample of each leg. */
  readonly #received: Record<Leg, number>
  readonly #acked: Record<Leg, number>
  readonly #ended = new Set<Leg>()

  constructor({ keeper, reference, tag, pair, from, ending = false, listener }: TapStart) {
    this.#keeper = keeper
    this.reference = reference
    this.tag = tag
    this.pair = pair
    this.#ending = ending
    this.listener = listener
    this.#received = { ...from }
    this.#acked = { ...from }
  }

  /** True once `end` was called. */
  get ending(): boolean {
    return this.#ending
  }

  /** The channel has ended, and the service received all audio. */
  get allReceived(): boolean {
    return this.#ending && this.#ended.size === LEGS.length
  }

  /** The service received and acknowledged all audio, so the keeper has deleted the pair. */
  get allAcknowledged(): boolean {
    return this.allReceived && LEGS.every(leg => this.#acked[leg] === this.#received[leg])
  }

  /** Samples up to which the service acknowledged each pipe. */
  get acked(): [number, number] {
    return ofPipes(this.#acked)
  }

  /**
   * Lets the keeper delete all audio of a leg before `sample`. Call this once the audio is durable, or once the journal
   * durably knows that it is lost. Without a link, `reattach` sends the acknowledgement later.
   */
  acknowledge(leg: Leg, sample: number): void {
    if (sample <= this.#acked[leg]) return
    this.#acked[leg] = sample
    this.#keeper.link?.ack(this.pair, PIPE_OF[leg], sample)
    this.#forgetIfAcknowledged()
  }

  /**
   * Continues to receive after both legs have ended although the channel continues. What Asterisk writes when it starts
   * again follows at the samples where the legs ended.
   *
   * @throws AppError `tap.unavailable`
   */
  async readAgain(): Promise<void> {
    await this.#keeper.readAgain(this)
  }

  /** Resolves to whether the dialplan can still find the tap: both pipes have the paths that it was given. */
  async exists(): Promise<boolean> {
    const checks = SUFFIXES.map(suffix => access(this.reference + suffix))
    return (await Promise.allSettled(checks)).every(({ status }) => status === 'fulfilled')
  }

  /**
   * Ends the tap and has its pipes removed. Call this when the channel has ended, or will never use the tap. The
   * listener still receives the audio that is in the tap, and then the end of each leg.
   */
  end(): void {
    this.#ending = true
    this.#keeper.link?.send({ t: 'gone', pair: this.pair })
    this.#forgetIfAcknowledged()
  }

  /** The keeper sent a block. @throws ProtocolError if it does not begin where the one before it ended */
  receiveBlock(block: AudioBlock): void {
    const { leg, sample, bytes } = block
    this.#receive(leg, sample, sample + bytes.length)
    this.listener.block(block)
  }

  /** The keeper dropped samples. @throws ProtocolError as `receiveBlock` */
  receiveGap(leg: Leg, from: number, to: number): void {
    this.#receive(leg, from, to)
    this.listener.gap(leg, from, to)
  }

  /** Asterisk closed the pipe of a leg, and the service received everything in it. */
  receiveEnd(leg: Leg): void {
    this.#ended.add(leg)
    this.listener.end(leg)
    this.#forgetIfAcknowledged()
  }

  /** The keeper reads both pipes again where they ended. */
  pipesReadAgain(): void {
    this.#ended.clear()
  }

  /** Continues on a new connection to the same keeper. */
  reattach(link: KeeperLink): void {
    link.send({ t: 'want', pair: this.pair, from: ofPipes(this.#received) })
    this.#repeatAcks(link)
  }

  /**
   * Detaches the tap from a keeper that died. Asterisk writes both pipes in step, so both legs continue at the sample of
   * the leg that was ahead.
   */
  keeperDied(): Interruption {
    this.pair = NO_PAIR
    const { caller, agent } = this.#received
    const sample = Math.max(caller, agent)
    return { sample, lost: { caller: sample - caller, agent: sample - agent } }
  }

  /**
   * Continues with another keeper.
   *
   * @param sample the sample at which both legs continue
   */
  attachToNewKeeper(link: KeeperLink, pair: number, sample: number): void {
    this.pair = pair
    for (const leg of LEGS) this.#received[leg] = sample
    this.#ended.clear()
    this.#repeatAcks(link)
  }

  #repeatAcks(link: KeeperLink): void {
    for (const leg of LEGS) link.ack(this.pair, PIPE_OF[leg], this.#acked[leg])
    if (this.#ending) link.send({ t: 'gone', pair: this.pair })
  }

  /** Throws unless the samples follow those received. Samples at a wrong position would be played at a wrong time. */
  #receive(leg: Leg, from: number, to: number): void {
    if (from !== this.#received[leg] || to <= from)
      throw new ProtocolError(`samples ${from} to ${to} where ${this.#received[leg]} was next`)
    this.#received[leg] = to
  }

  #forgetIfAcknowledged(): void {
    if (this.allAcknowledged) this.#keeper.forget(this)
  }
}

/** What a session uses of its tap. The other methods are for the keeper's client. */
export type SessionTap = Pick<Tap, 'reference' | 'acknowledge' | 'readAgain' | 'exists' | 'end'>

const ofPipes = ({ caller, agent }: Readonly<Record<Leg, number>>): [number, number] => [caller, agent]

/** @returns the first sample of each leg of a held tap that is not acknowledged */
export const unacknowledgedFrom = ({ legs }: Readonly<HeldPair>): Record<Leg, number> => ({
  caller: legs[PIPE_OF.caller].acked,
  agent: legs[PIPE_OF.agent].acked,
})
