import { SAMPLE_RATE } from '../../src/core/audio.js'
import { findSpeech, type SpeechMatch } from '../audio/find-speech.js'
import { rmsDbfs } from '../audio/levels.js'
import { type PhoneCodec, samplesOf } from './phone-codec.js'
import type { RtpPacket } from './rtp.js'

/** One received audio packet. */
export interface ReceivedPacket {
  /** Arrival, epoch ms. */
  at: number
  sequence: number
  timestamp: number
  source: number
  samples: Int16Array
  /** The coded payload as received. */
  payload: Buffer
}

/** Speech and tones are louder than this, the line's noise is softer, dBFS. */
export const AUDIBLE_DBFS = -50
/** A larger jump of the sender's timestamps is a new stream; a smaller one is a pause, samples. */
const MAX_JUMP_SAMPLES = 60 * SAMPLE_RATE
/** Interval of the search while waiting for words, ms. */
const SEARCH_INTERVAL_MS = 200
/**
 * How far a later search goes back beyond the length of the words, samples. A packet may be late, and a busy PBX may
 * stretch words.
 */
const AGAIN_SAMPLES = 2 * SAMPLE_RATE

/** Source of packets, which keeps them until they are fetched. */
interface PacketSource {
  /** Adds the received packets. */
  fetch(): void
  /** Fetches the packets as soon as more arrive. */
  watch(): void
}

/** Used if packets are added directly. */
const NO_SOURCE: PacketSource = { fetch() {}, watch() {} }

type Watcher = (packet: ReceivedPacket | undefined) => void

/** A packet is decoded only when its samples are needed. */
class Packet implements ReceivedPacket {
  readonly sequence: number
  readonly timestamp: number
  readonly source: number
  readonly payload: Buffer
  #samples: Int16Array | undefined

  constructor(
    { sequence, timestamp, source, payload }: RtpPacket,
    private readonly codec: PhoneCodec,
    readonly at: number,
  ) {
    this.sequence = sequence
    this.timestamp = timestamp
    this.source = source
    this.payload = payload
  }

  get samples(): Int16Array {
    this.#samples ??= samplesOf(this.payload, this.codec)
    return this.#samples
  }
}

/** All audio that a caller received, with arrival times, and methods that wait for more. */
export class ReceivedAudio {
  readonly #packets: ReceivedPacket[] = []
  readonly #watchers = new Set<Watcher>()
  readonly #pauses = new Set<() => void>()
  readonly #source: PacketSource
  #closed = false

  constructor(source = NO_SOURCE) {
    this.#source = source
  }

  /** The packets received until now. */
  get packets(): readonly ReceivedPacket[] {
    this.fetch()
    return this.#packets
  }

  add(packet: RtpPacket, codec: PhoneCodec, at: number): void {
    const heard = new Packet(packet, codec, at)
    this.#packets.push(heard)
    for (const watcher of this.#watchers) watcher(heard)
  }

  /** Adds the received packets. */
  fetch(): void {
    if (!this.#closed) this.#source.fetch()
  }

  /** Adds the received packets, and those that arrive during a wait. */
  fetchAndWatch(): void {
    // This order ensures that no packet is missed in between.
    if (this.#watchers.size > 0) this.#source.watch()
    this.fetch()
  }

  /** No more audio will come. */
  get closed(): boolean {
    return this.#closed
  }

  /** The call has ended. Ends all waiting. */
  close(): void {
    this.#closed = true
    for (const watcher of this.#watchers) watcher(undefined)
    for (const end of this.#pauses) end()
  }

  /**
   * The samples that arrived in a span of time. The sender's timestamps place them, so that pauses keep their length.
   *
   * @param from epoch ms; from the beginning by default
   * @param to epoch ms; until now by default
   */
  samples(from = -Infinity, to = Infinity): Int16Array {
    const { packets, places, length } = this.#place(from, to)
    const whole = new Int16Array(length)
    packets.forEach((packet, i) => {
      whole.set(packet.samples, places[i] ?? 0)
    })
    return whole
  }

  /**
   * Arrival time of the packet at a position of {@link samples}.
   *
   * @param atMs position, ms from the first sample
   * @param from as given to {@link samples}
   * @returns epoch ms; undefined if nothing arrived
   */
  arrivalAt(atMs: number, from = -Infinity): number | undefined {
    const { packets, places } = this.#place(from, Infinity)
    return packets.findLast((_, i) => places[i]! <= (atMs * SAMPLE_RATE) / 1_000)?.at
  }

  #place(from: number, to: number): { packets: ReceivedPacket[]; places: number[]; length: number } {
    const packets = this.packets.filter(({ at }) => at >= from && at < to)
    const places: number[] = []
    let [end, last] = [0, packets[0]]
    for (const packet of packets) {
      const step = last ? (packet.timestamp - last.timestamp) | 0 : 0
      const follows = last && packet.source === last.source && Math.abs(step) < MAX_JUMP_SAMPLES
      const place = follows ? (places.at(-1) ?? 0) + step : end
      places.push(Math.max(0, place))
      end = Math.max(end, place + packet.samples.length)
      last = packet
    }
    return { packets, places, length: end }
  }

  /**
   * Waits for a packet louder than a level.
   *
   * @param limit ms
   * @param from counts packets that arrived since then, epoch ms; by default only packets still to come
   * @returns arrival time, epoch ms; undefined after the limit
   */
  async waitForAudio(limit: number, dbfs = AUDIBLE_DBFS, from = Infinity): Promise<number | undefined> {
    const isLoud = ({ samples }: ReceivedPacket) => rmsDbfs(samples) > dbfs
    const heard = this.packets.find(packet => packet.at >= from && isLoud(packet))
    return heard?.at ?? this.#waitFor(limit, packet => (isLoud(packet) ? packet.at : undefined))
  }

  /**
   * Waits until nothing louder than a level has arrived for a time. No packets count as quiet.
   *
   * @param forMs how long it must be quiet
   * @param limit ms
   * @returns arrival of the last loud packet, epoch ms; undefined after the limit
   */
  async waitForQuiet(forMs: number, limit: number, dbfs = AUDIBLE_DBFS): Promise<number | undefined> {
    const end = performance.now() + limit
    let last = performance.timeOrigin + performance.now()
    while (performance.now() < end) {
      const loud = await this.waitForAudio(Math.min(forMs, end - performance.now()), dbfs)
      if (loud === undefined && !this.#closed && performance.now() < end) return last
      if (this.#closed) return undefined
      last = loud ?? last
    }
    return undefined
  }

  /**
   * Waits until known words have arrived completely.
   *
   * @param words samples at 8 kHz
   * @param limit ms
   * @param from searches only what arrived since then, epoch ms
   * @returns position and similarity; undefined after the limit
   */
  async waitForWords(words: Int16Array, limit: number, from = -Infinity): Promise<SpeechMatch | undefined> {
    const end = performance.now() + limit
    for (let searched = 0; ; ) {
      const left = end - performance.now()
      const isLast = left <= 0 || this.#closed
      const heard = this.samples(from)
      // The searched samples are searched again as far as the words may continue from there, and once more at the end.
      const start = isLast ? 0 : Math.max(0, searched - words.length - AGAIN_SAMPLES)
      const found = findSpeech(heard.subarray(start), words)
      if (found) return { ...found, atMs: found.atMs + (start * 1_000) / SAMPLE_RATE }
      if (isLast) return undefined
      searched = heard.length
      // Words cannot be found before their whole length has arrived.
      const missing = ((words.length - heard.length) * 1_000) / SAMPLE_RATE
      await this.#pause(Math.min(Math.max(SEARCH_INTERVAL_MS, missing), left))
    }
  }

  /** Waits this long, ms, or until the call has ended. */
  #pause(ms: number): Promise<void> {
    if (this.#closed) return Promise.resolve()
    return new Promise(resolve => {
      const end = () => {
        clearTimeout(timer)
        this.#pauses.delete(end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      this.#pauses.add(end)
    })
  }

  #waitFor<T>(limit: number, test: (packet: ReceivedPacket) => T | undefined): Promise<T | undefined> {
    if (this.#closed) return Promise.resolve(undefined)
    return new Promise(resolve => {
      const done = (result?: T) => {
        clearTimeout(timer)
        this.#watchers.delete(watcher)
        resolve(result)
      }
      const watcher: Watcher = packet => {
        const result = packet && test(packet)
        if (!packet || result !== undefined) done(result)
      }
      const timer = setTimeout(done, limit)
      // Packets received before do not count.
      this.fetch()
      this.#watchers.add(watcher)
      this.fetchAndWatch()
    })
  }
}
