import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { encodeG711 } from '../../../lab/audio/g711.js'
import { formatRtp, PACKET_SAMPLES, type RtpPacket } from '../../../lab/media/rtp.js'
import { LOOPBACK } from '../../../lab/ports.js'
import type { RtpSource } from '../../../src/core/speech.js'

/** Payload type of a-law. */
const ALAW = 8

/** A packet with the usual values. */
export const rtpOf = (samples: Int16Array, packet: Partial<RtpPacket> = {}): Buffer =>
  formatRtp({
    ...{ payloadType: ALAW, marker: false, sequence: 0, timestamp: 0, source: 7 },
    payload: encodeG711(samples, 'alaw'),
    ...packet,
  })

/** A real UDP socket that sends what a PBX would send, or anything else. */
export class RtpSender {
  readonly #socket: Socket
  #sequence = 65_530
  #timestamp = 0xffff_ff00

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  static async open(): Promise<RtpSender> {
    const socket = createSocket('udp4')
    socket.bind(0, LOOPBACK)
    await once(socket, 'listening')
    return new RtpSender(socket)
  }

  get source(): RtpSource {
    return { address: LOOPBACK, port: this.#socket.address().port }
  }

  /** Sends a datagram as it is. */
  sendRaw(datagram: Buffer, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(datagram, port, LOOPBACK, error => (error ? reject(error) : resolve()))
    })
  }

  /** Sends samples in packets of 20 ms, each 20 ms after the one before. */
  async say(samples: Int16Array, port: number): Promise<void> {
    const begun = performance.now()
    for (let at = 0; at < samples.length; at += PACKET_SAMPLES) {
      const due = begun + at / 8
      await new Promise(resolve => setTimeout(resolve, Math.max(0, due - performance.now())))
      const packet = { sequence: this.#sequence, timestamp: this.#timestamp }
      this.#sequence = (this.#sequence + 1) & 0xffff
      this.#timestamp = (this.#timestamp + PACKET_SAMPLES) >>> 0
      await this.sendRaw(rtpOf(samples.subarray(at, at + PACKET_SAMPLES), packet), port)
    }
  }

  close(): void {
    this.#socket.close()
  }
}
