import { randomBytes } from 'node:crypto'
import { PAYLOAD } from '../sip/sdp.js'
import { epochMs } from '../time.js'
import type { Peer, Slot } from './media-line.js'
import type { FromThread } from './media-thread.js'
import { PacketReader } from './packet-log.js'
import { encode, type PhoneCodec, silentPayload } from './phone-codec.js'
import { ReceivedAudio } from './received-audio.js'
import { keyReport, PACKET_MS, PACKET_SAMPLES, parseRtp } from './rtp.js'
import { mediaThread, type ThreadLine } from './start-media-thread.js'

/** How often the end of a key is reported, in case a report is lost (RFC 4733 section 2.5.1.4). */
const END_REPORTS = 3

const CODECS = Object.keys(PAYLOAD) as PhoneCodec[]

/** Speech or a key that left late. */
export interface LatePacket {
  /** When it left, epoch ms. */
  at: number
  /** How much later than it was due, ms. */
  ms: number
}

/** A caller's media: one RTP socket that sends a packet every 20 ms and keeps all audio that it receives. */
export class MediaEndpoint {
  readonly received: ReceivedAudio
  /** Speech and keys that left late, because the machine was busy. The other side heard a gap there. */
  readonly late: LatePacket[] = []
  readonly #codec: PhoneCodec
  readonly #line: ThreadLine
  readonly #log = new PacketReader()
  /** Set while the program waits for a packet. The thread then reports the next one. */
  readonly #watched = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  readonly #sequence: number
  #opened: { resolve(port: number): void; reject(error: Error): void } | undefined
  /** Callbacks that wait until something has been sent, by its mark. */
  readonly #waiting = new Map<number, (at: number) => void>()
  #lastMark = 0

  /** @param sequence of its first packet, 0 to 65,535; random by default */
  constructor(codec: PhoneCodec, sequence = randomBytes(2).readUInt16BE()) {
    this.#codec = codec
    this.#sequence = sequence
    this.received = new ReceivedAudio({
      fetch: () => this.#fetch(),
      watch: () => void Atomics.store(this.#watched, 0, 1),
    })
    this.#line = mediaThread().addLine(message => this.#take(message))
  }

  /** Opens the socket. @returns its port */
  open(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#opened = { resolve, reject }
      this.#line.tell({
        t: 'open',
        codec: this.#codec,
        sequence: this.#sequence,
        watched: this.#watched,
      })
    })
  }

  /** Begins to send. It sends silence while nothing is queued. */
  sendTo(peer: Peer): void {
    this.#line.tell({ t: 'send-to', peer })
  }

  /**
   * Queues samples after everything queued before.
   *
   * @returns when the last packet has been sent, epoch ms
   */
  say(samples: Int16Array): Promise<number> {
    const coded = encode(samples, this.#codec)
    const count = Math.ceil(coded.length / PACKET_SAMPLES)
    // The samples share one buffer, because the transfer to the thread copies each buffer separately.
    const padded = Buffer.alloc(count * PACKET_SAMPLES, silentPayload(this.#codec))
    coded.copy(padded)
    return this.#enqueue(
      Array.from({ length: count }, (_, i): Slot => {
        const payload = padded.subarray(i * PACKET_SAMPLES, (i + 1) * PACKET_SAMPLES)
        return { kind: 'audio', payload }
      }),
    )
  }

  /**
   * Presses a key by RFC 4733.
   *
   * @param ms how long it is held
   * @returns when its first end report was sent, epoch ms
   */
  press(key: string, ms: number): Promise<number> {
    const packets = Math.max(1, Math.round(ms / PACKET_MS))
    const slots = Array.from({ length: packets + END_REPORTS }, (_, i): Slot => {
      const samples = Math.min(i + 1, packets + 1) * PACKET_SAMPLES
      return { kind: 'key', payload: keyReport(key, samples, i >= packets), first: i === 0 }
    })
    const ended = this.#enqueue(slots.slice(0, packets + 1))
    void this.#enqueue(slots.slice(packets + 1))
    return ended
  }

  /** Stops sending packets, as a muted phone with silence suppression, or starts again. */
  mute(muted: boolean): void {
    this.#line.tell({ t: 'mute', muted })
  }

  /** Continues with this sequence number, as a phone does after a new media setup. */
  setSequence(sequence: number): void {
    this.#line.tell({ t: 'sequence', sequence })
  }

  /** Restarts its RTP with sequence numbers that seem older. @param from another source (SSRC), or the same one */
  restartRtp(from: 'another' | 'same'): void {
    this.#line.tell({ t: 'restart', source: from === 'another' ? randomBytes(4).readUInt32BE() : undefined })
  }

  close(): void {
    this.received.fetch()
    this.#line.close()
    this.received.close()
    for (const resolve of this.#waiting.values()) resolve(epochMs())
    this.#waiting.clear()
  }

  #take(message: FromThread): void {
    switch (message.t) {
      case 'opened':
        this.#opened?.resolve(message.port)
        break
      case 'failed':
        this.#opened?.reject(new Error(`a phone has no media: ${message.reason}`))
        break
      case 'memory':
        this.#log.add(message.memory)
        break
      case 'more':
        this.received.fetchAndWatch()
        break
      case 'sent':
        this.#waiting.get(message.mark)?.(message.at)
        this.#waiting.delete(message.mark)
        break
      case 'late':
        this.late.push({ at: message.at, ms: message.ms })
    }
  }

  #fetch(): void {
    for (const { at, datagram } of this.#log.read(() => this.#line.catchUp())) {
      const packet = parseRtp(datagram)
      const codec = packet && this.#codecOf(packet.payloadType)
      if (packet && codec) this.received.add(packet, codec, at)
    }
  }

  #codecOf(payloadType: number): PhoneCodec | undefined {
    return CODECS.find(codec => PAYLOAD[codec] === payloadType)
  }

  #enqueue(slots: Slot[]): Promise<number> {
    const last = slots.at(-1)
    if (!last) return Promise.resolve(epochMs())
    const mark = ++this.#lastMark
    last.mark = mark
    this.#line.tell({ t: 'queue', slots })
    return new Promise(resolve => this.#waiting.set(mark, resolve))
  }
}
