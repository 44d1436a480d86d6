import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { LOOPBACK } from '../ports.js'
import { KEY_PAYLOAD, PAYLOAD } from '../sip/sdp.js'
import { epochMs } from '../time.js'
import { encode, type PhoneCodec, silentPayload } from './phone-codec.js'
import { ReceivedAudio } from './received-audio.js'
import { formatRtp, keyReport, PACKET_MS, PACKET_SAMPLES, parseRtp } from './rtp.js'

/** What is sent in one interval of 20 ms. */
type Slot =
  | { kind: 'audio'; payload: Buffer; sent?: () => void }
  | { kind: 'key'; payload: Buffer; first: boolean; sent?: () => void }

/** How often the end of a key is reported, in case a report is lost (RFC 4733 section 2.5.1.4). */
const END_REPORTS = 3

/** A caller's media: one RTP socket that sends a packet every 20 ms and keeps all audio that it receives. */
export class MediaEndpoint {
  readonly received: ReceivedAudio
  readonly #socket: Socket = createSocket('udp4')
  readonly #source = randomBytes(4).readUInt32BE()
  #sequence: number
  #timestamp = randomBytes(4).readUInt32BE()
  #keyStart = 0
  #queue: Slot[] = []
  #peer: { host: string; port: number; keyPayload?: number } | undefined
  #clock: NodeJS.Timeout | undefined
  #muted = false

  /** @param sequence of its first packet, 0 to 65,535; random by default */
  constructor(
    private readonly codec: PhoneCodec,
    sequence = randomBytes(2).readUInt16BE(),
  ) {
    this.#sequence = sequence
    this.received = new ReceivedAudio()
  }

  /** Opens the socket. @returns its port */
  async open(): Promise<number> {
    this.#socket.on('message', datagram => {
      const packet = parseRtp(datagram)
      const codec = packet && this.#codecOf(packet.payloadType)
      if (packet && codec) this.received.add(packet, codec, epochMs())
    })
    this.#socket.bind(0, LOOPBACK)
    await once(this.#socket, 'listening')
    return this.#socket.address().port
  }

  /** Begins to send. It sends silence while nothing is queued. */
  sendTo(peer: { host: string; port: number; keyPayload?: number }): void {
    this.#peer = peer
    if (this.#clock) return
    const start = performance.now()
    let sent = 0
    // The number of packets due follows from the clock, so that late timers do not add up.
    this.#clock = setInterval(() => {
      const due = Math.floor((performance.now() - start) / PACKET_MS)
      for (; sent < due; sent++) this.#sendSlot()
    }, PACKET_MS)
  }

  /**
   * Queues samples after everything queued before.
   *
   * @returns when the last packet has been sent, epoch ms
   */
  say(samples: Int16Array): Promise<number> {
    const coded = encode(samples, this.codec)
    const count = Math.ceil(coded.length / PACKET_SAMPLES)
    return this.#enqueue(
      Array.from({ length: count }, (_, i): Slot => {
        const payload = silentPayload(this.codec)
        coded.copy(payload, 0, i * PACKET_SAMPLES)
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
    this.#muted = muted
  }

  /** Goes on with this sequence number, as a phone does whose media was set up anew. */
  setSequence(sequence: number): void {
    this.#sequence = sequence
  }

  close(): void {
    clearInterval(this.#clock)
    this.#clock = undefined
    this.received.close()
    this.#socket.close()
    for (const slot of this.#queue.splice(0)) slot.sent?.()
  }

  #codecOf(payloadType: number): PhoneCodec | undefined {
    return (Object.keys(PAYLOAD) as PhoneCodec[]).find(codec => PAYLOAD[codec] === payloadType)
  }

  #enqueue(slots: Slot[]): Promise<number> {
    return new Promise(resolve => {
      const last = slots.at(-1)
      if (!last) return resolve(epochMs())
      last.sent = () => resolve(epochMs())
      this.#queue.push(...slots)
    })
  }

  #sendSlot(): void {
    const slot = this.#queue.shift()
    const { host, port, keyPayload } = this.#peer ?? { host: LOOPBACK, port: 0 }
    if (slot?.kind === 'key') {
      // Every report of a key carries the timestamp of its beginning.
      if (slot.first) this.#keyStart = this.#timestamp
      this.#packet(port, host, keyPayload ?? KEY_PAYLOAD, slot.first, this.#keyStart, slot.payload)
    } else if (!this.#muted || slot) {
      const payload = slot?.payload ?? silentPayload(this.codec)
      this.#packet(port, host, PAYLOAD[this.codec], false, this.#timestamp, payload)
    }
    this.#timestamp = (this.#timestamp + PACKET_SAMPLES) >>> 0
    slot?.sent?.()
  }

  #packet(
    port: number,
    host: string,
    payloadType: number,
    marker: boolean,
    timestamp: number,
    payload: Buffer,
  ) {
    const packet = { payloadType, marker, sequence: this.#sequence, timestamp, source: this.#source, payload }
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.#socket.send(formatRtp(packet), port, host)
  }
}
