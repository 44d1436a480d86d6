import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../src/core/errors.js'
import type { Direction } from './sdp.js'

/** Answer of a PBX with an open offer of its own, RFC 3261 section 14.2. */
const REQUEST_PENDING = 491
/**
 * How long a phone waits then, ms. RFC 3261 section 14.1 names up to two seconds for one side, and more for the other.
 */
const GLARE_MS = 2_100
const TRIES = 4

/** Describes the media of a call. @param version higher than that of the previous description */
export type Describe = (version: number, direction: Direction) => string

/** Offers that a phone makes in an answered call, to put the other side on hold and off hold. */
export class Holding {
  #version = 1

  /** @param offer sends a re-INVITE and acknowledges the answer. It returns the final status, 0 if none came */
  constructor(
    private readonly describe: Describe,
    private readonly offer: (sdp: string) => Promise<number>,
  ) {}

  /** Resolves when the other side has accepted the offer. @throws AppError `pbx.refused` */
  async set(direction: Direction): Promise<void> {
    const sdp = this.describe(++this.#version, direction)
    for (let tries = 1; ; tries++) {
      const status = await this.offer(sdp)
      if (status >= 200 && status < 300) return
      if (status !== REQUEST_PENDING || tries === TRIES)
        throw new AppError('pbx.refused', `the PBX answers ${status} to a hold`)
      await sleep(GLARE_MS)
    }
  }
}
