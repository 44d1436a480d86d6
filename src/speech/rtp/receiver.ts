import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { AppError } from '../../core/errors.js'
import type { RtpSource } from '../../core/speech.js'
import { decodeSamples } from '../../lib/audio-formats/g711.js'

/** Counts of a port's datagrams by their handling. */
export interface ReceiverCounts extends PlacementCounts {
  /** Datagrams from another address or port than the announced one, or before the announcement. */
  unannounced: number
  /** Datagrams other than RTP packets of G.711 audio. */
  malformed: number
}

/** One UDP port that receives the RTP of one announced source. It holds at most 240 ms of audio. */
export class RtpReceiver {
  readonly #socket: Socket
  readonly #placement: Placement
  #source: RtpSource | undefined
  #unannounced = 0
  #malformed = 0
  #closed = false

  private constructor(socket: Socket, sink: SampleSink) {
    this.#socket = socket
    this.#placement = new Placement(sink)
    socket.on('message', (datagram, from) => this.#take(datagram, from))
    // An error of a socket that only receives comes from the network. The packets missing then count as silence.
    socket.on('error', () => {})
  }

  /**
   * Opens a port that the system chooses.
   *
   * @param host IP address to listen on
   * @param sink gets the samples
   * @throws AppError `speech.unavailable` if no port can be opened
   */
  static async open(host: string, sink: SampleSink): Promise<RtpReceiver> {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    return new Promise((resolve, reject) => {
      const refuse = (cause: Error) => {
        socket.close()
        const code = (cause as NodeJS.ErrnoException).code ?? cause.name
        reject(new AppError('speech.unavailable', `no UDP port can be opened on ${host}: ${code}`, { cause }))
      }
      socket.once('error', refuse)
      socket.bind(0, host, () => {
        socket.off('error', refuse)
        resolve(new RtpReceiver(socket, sink))
      })
    })
  }

  get port(): number {
    return this.#socket.address().port
  }

  get counts(): ReceiverCounts {
    const { counts } = this.#placement
    return { ...counts, unannounced: this.#unannounced, malformed: this.#malformed }
  }

  /**
   * Accepts packets of this source from now on. The kernel drops all others, so that a flood costs this process
   * nothing.
   */
  announce(source: RtpSource): void {
    if (this.#source || this.#closed) return
    this.#source = source
    this.#socket.connect(source.port, source.address)
  }

  /** Closes the port. No sample comes after it. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.removeAllListeners('message')
    this.#socket.close()
  }

  #take(datagram: Buffer, { address, port }: RemoteInfo): void {
    // Packets from before the announcement may still wait in the socket.
    if (address !== this.#source?.address || port !== this.#source.port) return void this.#unannounced++
    const packet = readPacket(datagram)
    if (packet) this.#placement.push(packet)
    else this.#malformed++
  }
}

/** Packets that wait for a missing one. With packets of 20 ms it may come 60 ms late. */
const MOST_WAITING = 3
/**
 * Greatest distance of a timestamp from the expected one, samples: 2 s. Silence fills a gap up to this length. Beyond
 * it the sender has restarted its count, and the audio is placed without a gap.
 */
const MOST_SAMPLES = 16_000
/** Packets of one source whose sequence numbers differ by more are not in one order (RFC 3550 appendix A.1, MAX_DROPOUT). */
const MOST_DROPOUT = 3_000
/** Number of lost packets that are remembered, to distinguish a late one from a duplicate: 2 s of packets of 20 ms. */
const MOST_REMEMBERED = 100

/** Receives samples in order and without gaps. @param position of the first one, samples since the first packet */
type SampleSink = (samples: Int16Array, position: number) => void

/** Counts of packets by their handling. */
interface PlacementCounts {
  /** Packets whose audio was passed on. */
  placed: number
  duplicate: number
  /** Packets that came after silence had taken their place. */
  late: number
  /** Packets of another synchronisation source than the first. */
  foreign: number
  /** Packets far from all others. */
  stray: number
  /** Restarts of the sender's count. */
  restarted: number
  /** Samples of silence in place of lost packets. */
  filled: number
}

/** The difference between two 16-bit or 32-bit counters, which may have wrapped. */
const distance16 = (to: number, from: number): number => ((to - from) << 16) >> 16
const distance32 = (to: number, from: number): number => (to - from) | 0

/**
 * Places the audio of one RTP stream by its timestamps (RFC 3550). It puts packets in order, drops duplicates, and
 * fills losses with silence. The stream is that of the first source that sends two packets in a row (appendix A.1).
 */
export class Placement {
  readonly counts: PlacementCounts = {
    ...{ placed: 0, duplicate: 0, late: 0, foreign: 0, stray: 0, restarted: 0, filled: 0 },
  }
  readonly #sink: SampleSink
  /** The first packet, until a second one follows it. */
  #probation: AudioPacket | undefined
  #source: number | undefined
  /** The next expected sequence number, timestamp, and position of the first sample. */
  #sequence = 0
  #timestamp = 0
  #position = 0
  /** Packets that arrived before an earlier one, in order. */
  #waiting: AudioPacket[] = []
  /** Sequence numbers that silence has replaced most recently. */
  readonly #missed: number[] = []
  /** The sequence number after a packet that was far from all others. */
  #afterStray: number | undefined

  constructor(sink: SampleSink) {
    this.#sink = sink
  }

  /** Takes a packet in the order of arrival. */
  push(packet: AudioPacket): void {
    if (this.#source === undefined) return void this.#begin(packet)
    if (packet.source !== this.#source) return void this.counts.foreign++
    const ahead = distance16(packet.sequence, this.#sequence)
    if (Math.abs(ahead) > MOST_DROPOUT) return void this.#doubt(packet)
    if (ahead < 0) return void this.counts[this.#wasFilled(packet) ? 'late' : 'duplicate']++
    if (ahead > 0) return void this.#wait(packet)
    this.#place(packet)
    this.#placeWaiting()
  }

  #begin(packet: AudioPacket): void {
    const first = this.#probation
    this.#probation = packet
    if (!first) return
    if (first.source !== packet.source || distance16(packet.sequence, first.sequence) !== 1) {
      this.counts.foreign++
      return
    }
    this.#probation = undefined
    this.#source = packet.source
    this.#sequence = first.sequence
    this.#timestamp = first.timestamp
    this.#place(first)
    this.#place(packet)
  }

  #wasFilled({ sequence }: AudioPacket): boolean {
    const at = this.#missed.indexOf(sequence)
    if (at < 0) return false
    this.#missed.splice(at, 1)
    return true
  }

  #wait(packet: AudioPacket): void {
    const after = this.#waiting.findIndex(one => distance16(one.sequence, packet.sequence) >= 0)
    if (this.#waiting[after]?.sequence === packet.sequence) return void this.counts.duplicate++
    this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, packet)
    if (this.#waiting.length <= MOST_WAITING) return
    // The missing packet is lost.
    this.#place(this.#waiting.shift()!)
    this.#placeWaiting()
  }

  #placeWaiting(): void {
    while (this.#waiting[0]?.sequence === this.#sequence) this.#place(this.#waiting.shift()!)
  }

  /** Takes a packet that is far from all others. If a second one follows it, the sender has restarted its count. */
  #doubt(packet: AudioPacket): void {
    if (packet.sequence !== this.#afterStray) {
      this.counts.stray++
      this.#afterStray = (packet.sequence + 1) & 0xffff
      return
    }
    this.counts.restarted++
    this.#afterStray = undefined
    for (const waiting of this.#waiting.splice(0)) this.#place(waiting)
    this.#sequence = packet.sequence
    this.#timestamp = packet.timestamp
    this.#place(packet)
  }

  #place({ sequence, timestamp, samples }: AudioPacket): void {
    this.#noteMissed(sequence)
    const gap = distance32(timestamp, this.#timestamp)
    // Audio that would precede what was passed on can no longer be placed there.
    if (gap < 0 || gap > MOST_SAMPLES) this.counts.restarted++
    else if (gap > 0) this.#pass(new Int16Array(gap), 'filled')
    this.#pass(samples, 'placed')
    this.#sequence = (sequence + 1) & 0xffff
    this.#timestamp = (timestamp + samples.length) >>> 0
  }

  #noteMissed(sequence: number): void {
    const missed = distance16(sequence, this.#sequence)
    for (let i = Math.max(0, missed - MOST_REMEMBERED); i < missed; i++)
      this.#missed.push((this.#sequence + i) & 0xffff)
    if (this.#missed.length > MOST_REMEMBERED) this.#missed.splice(0, this.#missed.length - MOST_REMEMBERED)
  }

  #pass(samples: Int16Array, as: 'filled' | 'placed'): void {
    this.counts[as] += as === 'filled' ? samples.length : 1
    const position = this.#position
    this.#position += samples.length
    this.#sink(samples, position)
  }
}

/** Payload types of G.711 (RFC 3551 section 6). */
const CODECS = { 0: 'ulaw', 8: 'alaw' } as const
/** Length of the header without contributing sources, bytes. */
const HEADER = 12
/** Least and most samples of a packet: 10 and 60 ms. A PBX sends 20 ms. */
const [LEAST, MOST] = [80, 480]

/** The audio of one RTP packet. */
export interface AudioPacket {
  /** SSRC, 32 bits. */
  source: number
  /** 16 bits. */
  sequence: number
  /** In samples, 32 bits. */
  timestamp: number
  /** 8 kHz, 16-bit linear. */
  samples: Int16Array
}

/**
 * Reads an RTP packet (RFC 3550 section 5.1) of G.711 audio.
 *
 * @returns undefined for any other datagram, and for less than 10 or more than 60 ms
 */
export function readPacket(datagram: Buffer): AudioPacket | undefined {
  if (datagram.length < HEADER) return undefined
  const first = datagram[0]!
  if (first >> 6 !== 2) return undefined
  const codec = (CODECS as Record<number, 'ulaw' | 'alaw'>)[datagram[1]! & 0x7f]
  if (!codec) return undefined
  let from = HEADER + 4 * (first & 0x0f)
  let to = datagram.length
  if (first & 0x10) {
    if (from + 4 > to) return undefined
    from += 4 + 4 * datagram.readUInt16BE(from + 2)
  }
  if (first & 0x20) {
    const padding = datagram[to - 1]!
    if (padding === 0) return undefined
    to -= padding
  }
  if (to - from < LEAST || to - from > MOST) return undefined
  return {
    source: datagram.readUInt32BE(8),
    sequence: datagram.readUInt16BE(2),
    timestamp: datagram.readUInt32BE(4),
    samples: decodeSamples(datagram.subarray(from, to), codec),
  }
}
