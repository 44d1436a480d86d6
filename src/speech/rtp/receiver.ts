import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { AppError } from '../../core/errors.js'
import type { RtpSource } from '../../core/speech.js'
import { readPacket } from './packet.js'
import { Placement, type PlacementCounts, type SampleSink } from './placement.js'

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
