import { decodeG711, encodeG711 } from '../../../lab/audio/g711.js'
import { readSpeech } from '../../../lab/load/start-load.js'
import { PACKET_MS, PACKET_SAMPLES } from '../../../lab/media/rtp.js'
import type { Speaker } from '../../support/situations/said.js'
import { numberPackets } from '../capacity/numbered-packets.js'

/** Numbers before they repeat: five minutes, longer than a call. */
const NUMBERS = 300_000 / PACKET_MS
/** Packets that are queued at once, so that a key waits no longer than this for those before it. */
const BATCH = 5

/** @returns speech in which each packet has its number, signed 16-bit samples */
export const numberedSpeech = async (): Promise<Int16Array> =>
  decodeG711(numberPackets(encodeG711(await readSpeech(), 'alaw'), NUMBERS), 'alaw')

/** Somebody who speaks without pause. Each packet has its number, so that a recording says which ones are in it. */
export class NumberedTalk {
  /** When each packet was sent, epoch ms, by its number. */
  readonly sentAt: number[] = []
  #goes = false
  #over: Promise<void> = Promise.resolve()

  /** @param speech as {@link numberedSpeech} makes it */
  constructor(
    private readonly speaker: Speaker,
    private readonly speech: Int16Array,
  ) {}

  /** Begins, or goes on. */
  start(): void {
    this.#goes = true
    this.#over = this.#talk()
  }

  /** Resolves when the last packet was sent. */
  async stop(): Promise<void> {
    this.#goes = false
    await this.#over
  }

  async #talk(): Promise<void> {
    while (this.#goes) await Promise.all(Array.from({ length: BATCH }, () => this.#say()))
  }

  async #say(): Promise<void> {
    const number = this.sentAt.push(Number.NaN) - 1
    const packet = this.speech.subarray(number * PACKET_SAMPLES, (number + 1) * PACKET_SAMPLES)
    this.sentAt[number] = await this.speaker.say(packet)
  }
}
