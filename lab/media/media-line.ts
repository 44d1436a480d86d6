import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { LOOPBACK } from '../ports.js'
import { KEY_PAYLOAD, PAYLOAD } from '../sip/sdp.js'
import { type PhoneCodec, silentPayload } from './phone-codec.js'
import { formatRtp, PACKET_MS, PACKET_SAMPLES } from './rtp.js'

/** What is sent in one interval of 20 ms. `mark`: a number that is told when it has been sent. */
export type Slot = { payload: Uint8Array; mark?: number } & (
  | { kind: 'audio' }
  | { kind: 'key'; first: boolean }
)

/** Where the other side takes media. */
export interface Peer {
  host: string
  port: number
  keyPayload?: number
}

/** Where a line tells what happens. */
export interface LineEvents {
  received(datagram: Uint8Array): void
  sent(mark: number): void
  /** Speech or a key left that much later than it was due, ms. */
  late(ms: number): void
}

/** Packets that leave later than this after they were due are late, ms: the next one is due then. */
const LATE_MS = PACKET_MS

/** One RTP socket that sends a packet every 20 ms. */
export class MediaLine {
  readonly #socket: Socket = createSocket('udp4')
  readonly #source = randomBytes(4).readUInt32BE()
  readonly #codec: PhoneCodec
  readonly #events: LineEvents
  #sequence: number
  #timestamp = randomBytes(4).readUInt32BE()
  #keyStart = 0
  #queue: Slot[] = []
  #peer: Peer | undefined
  #timer: NodeJS.Timeout | undefined
  #muted = false

  constructor(codec: PhoneCodec, sequence: number, events: LineEvents) {
    this.#codec = codec
    this.#sequence = sequence
    this.#events = events
  }

  /** Opens the socket. @returns its port */
  async open(): Promise<number> {
    this.#socket.on('message', datagram => this.#events.received(datagram))
    this.#socket.bind(0, LOOPBACK)
    await once(this.#socket, 'listening')
    return this.#socket.address().port
  }

  /** Begins to send. It sends silence while nothing is queued. */
  sendTo(peer: Peer): void {
    this.#peer = peer
    if (this.#timer) return
    const start = performance.now()
    let sent = 0
    // When a packet is due follows from the clock, so that late timers do not add up.
    const dueAt = () => start + (sent + 1) * PACKET_MS
    const send = () => {
      const now = performance.now()
      const overdue = now - dueAt()
      if (overdue >= LATE_MS && this.#queue.length > 0) this.#events.late(Math.round(overdue))
      for (; dueAt() <= now; sent++) this.#sendSlot()
      this.#timer = setTimeout(send, Math.ceil(dueAt() - performance.now()))
    }
    this.#timer = setTimeout(send, PACKET_MS)
  }

  /** Queues slots after everything queued before. */
  queue(slots: readonly Slot[]): void {
    this.#queue.push(...slots)
  }

  /** Stops sending packets, or starts again. What is queued is sent in any case. */
  mute(muted: boolean): void {
    this.#muted = muted
  }

  /** Goes on with this sequence number. */
  setSequence(sequence: number): void {
    this.#sequence = sequence
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#socket.close()
  }

  #sendSlot(): void {
    const slot = this.#queue.shift()
    if (slot?.kind === 'key') {
      // Every report of a key carries the timestamp of its beginning.
      if (slot.first) this.#keyStart = this.#timestamp
      this.#packet(this.#peer?.keyPayload ?? KEY_PAYLOAD, slot.first, this.#keyStart, slot.payload)
    } else if (!this.#muted || slot) {
      const payload = slot?.payload ?? silentPayload(this.#codec)
      this.#packet(PAYLOAD[this.#codec], false, this.#timestamp, payload)
    }
    this.#timestamp = (this.#timestamp + PACKET_SAMPLES) >>> 0
    if (slot?.mark !== undefined) this.#events.sent(slot.mark)
  }

  #packet(payloadType: number, marker: boolean, timestamp: number, payload: Uint8Array): void {
    const packet = { payloadType, marker, sequence: this.#sequence, timestamp, source: this.#source, payload }
    this.#sequence = (this.#sequence + 1) & 0xffff
    const { host, port } = this.#peer ?? { host: LOOPBACK, port: 0 }
    this.#socket.send(formatRtp(packet), port, host)
  }
}
