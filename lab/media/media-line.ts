import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { LOOPBACK } from '../ports.js'
import { KEY_PAYLOAD, PAYLOAD } from '../sip/sdp.js'
import { type PhoneCodec, silentPayload } from './phone-codec.js'
import { formatRtp, PACKET_MS, PACKET_SAMPLES } from './rtp.js'

/** The payload of one interval of 20 ms. `mark`: a number that is reported when the payload has been sent. */
export type Slot = { payload: Uint8Array; mark?: number } & (
  | { kind: 'audio' }
  | { kind: 'key'; first: boolean }
)

/** The media address of the other side. */
export interface Peer {
  host: string
  port: number
  keyPayload?: number
}

/** Receives the events of a line. */
export interface LineEvents {
  received(datagram: Uint8Array): void
  sent(mark: number): void
  /** Speech or a key left this much later than it was due, ms. */
  late(ms: number): void
}

/** Packets count as late from this delay on, ms: the next packet is then due. */
const LATE_MS = PACKET_MS

/**
 * Subtracted from a sequence number so that it seems older, as do those after it. For any number, half of all others
 * seem older.
 */
const OLDER = 20_000

/** The sending lines of this thread. They send at the same moments, because waking up costs more than sending. */
const sending = new Set<MediaLine>()
let timer: NodeJS.Timeout | undefined

/** The next moment at which packets are due. It follows from the clock, so that late timers do not add up. */
const dueAfter = (now: number) => (Math.floor(now / PACKET_MS) + 1) * PACKET_MS

function takeTurns(): void {
  const now = performance.now()
  for (const line of sending) line.sendDue(now)
  wakeUpWhenDue()
}

/** A timer may fire a millisecond early, before any packet is due. */
function wakeUpWhenDue(): void {
  const now = performance.now()
  timer = setTimeout(takeTurns, Math.ceil(dueAfter(now) - now) + 1)
}

/** One RTP socket that sends a packet every 20 ms. */
export class MediaLine {
  /** The other side's host is an IP address, so no name is resolved. */
  readonly #socket: Socket = createSocket({
    type: 'udp4',
    lookup: (host, _options, found) => found(null, host, 4),
  })
  #source = randomBytes(4).readUInt32BE()
  readonly #codec: PhoneCodec
  readonly #silence: Uint8Array
  readonly #events: LineEvents
  #sequence: number
  #timestamp = randomBytes(4).readUInt32BE()
  #keyStart = 0
  #queue: Slot[] = []
  #peer: Peer | undefined
  /** When the next packet is due, on the clock of `performance`, ms. */
  #due = 0
  #muted = false

  constructor(codec: PhoneCodec, sequence: number, events: LineEvents) {
    this.#codec = codec
    this.#silence = silentPayload(codec)
    this.#sequence = sequence
    this.#events = events
  }

  /** Opens the socket. @returns its port */
  async open(): Promise<number> {
    this.#socket.on('message', datagram => this.#events.received(datagram))
    const listening = once(this.#socket, 'listening')
    this.#socket.bind(0, LOOPBACK)
    await listening
    return this.#socket.address().port
  }

  /** Begins to send. It sends silence while nothing is queued. */
  sendTo(peer: Peer): void {
    this.#peer = peer
    if (sending.has(this)) return
    this.#due = dueAfter(performance.now())
    sending.add(this)
    if (sending.size === 1) wakeUpWhenDue()
  }

  /** Sends the packets that are due. @param now on the clock of `performance`, ms */
  sendDue(now: number): void {
    const overdue = now - this.#due
    if (overdue >= LATE_MS && this.#queue.length > 0) this.#events.late(Math.round(overdue))
    for (; this.#due <= now; this.#due += PACKET_MS) this.#sendSlot()
  }

  /** Queues slots after everything queued before. */
  queue(slots: readonly Slot[]): void {
    this.#queue.push(...slots)
  }

  /** Stops sending packets, or starts again. Queued slots are sent in any case. */
  mute(muted: boolean): void {
    this.#muted = muted
  }

  /** Continues with this sequence number. */
  setSequence(sequence: number): void {
    this.#sequence = sequence
  }

  /** Continues with sequence numbers that seem older. @param source the SSRC from now on; by default the same */
  restartRtp(source = this.#source): void {
    this.#sequence = (this.#sequence - OLDER) & 0xffff
    this.#source = source
  }

  close(): void {
    sending.delete(this)
    if (sending.size === 0) clearTimeout(timer)
    this.#socket.close()
  }

  #sendSlot(): void {
    const slot = this.#queue.shift()
    if (slot?.kind === 'key') {
      // Every report of a key carries the timestamp of its beginning.
      if (slot.first) this.#keyStart = this.#timestamp
      this.#packet(this.#peer?.keyPayload ?? KEY_PAYLOAD, slot.first, this.#keyStart, slot.payload)
    } else if (!this.#muted || slot) {
      const payload = slot?.payload ?? this.#silence
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
