import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, isIP } from 'node:net'
import { basename, dirname } from 'node:path'
import type { TapOrders } from '../call/ports.js'
import { systemClock } from '../core/clock.js'
import { AppError } from '../core/errors.js'
import type { ChannelId } from '../core/ids.js'
import { withDeadline } from '../lib/deadline.js'
import { sourceOf } from './ari-ear.js'
import { createTapOrders } from './ari-tap-orders.js'
import { hangUpOwn, makeOwn } from './own-channels.js'
import { newQueryChannel } from './query-channel.js'
import type { AriTransport } from './transport/ari-transport.js'
import { watchEntry } from './watch-entry.js'

/** How long ARI may take to accept a connection, ms. */
const CONNECT_MS = 5_000
/** Length of the channel's id, characters. The name of an order to its tap must fit into an extension. */
const ID_LENGTH = 28
/** Time of one RTP packet, ms, and its samples. */
const PACKET_MS = 20
const PACKET_SAMPLES = 160
/** RTP payload type of a-law (RFC 3551). */
const ALAW = 8
/** A square tone of 1 kHz in a-law, loud enough to be distinguished from silence. */
const TONE = Buffer.from(Array.from({ length: PACKET_SAMPLES }, (_, i) => (i % 8 < 4 ? 0xa5 : 0x25)))

/** A phone of ours that speaks into a tap by RTP. */
export interface PhoneOfProbe {
  /** Orders for the tap. */
  taps: TapOrders
  /** Plays the tone. @param sequence number of the first RTP packet @param ms duration */
  speak(sequence: number, ms: number): Promise<void>
  /** Hangs up. */
  close(): Promise<void>
}

/**
 * Opens a channel that gets RTP from this process, and has the dialplan tap it as in a call. No phone rings.
 *
 * @param app the ARI application of the service
 * @param through an ARI application that no other process uses; this opens it
 * @param tap common prefix of the pipes, in the folder that calls use
 * @throws AppError `pbx.*`
 */
export async function openPhoneOfProbe(
  ari: AriTransport,
  { url, app, through, tap }: { url: string; app: string; through: string; tap: string },
): Promise<PhoneOfProbe> {
  const id = newQueryChannel().slice(0, ID_LENGTH) as ChannelId
  const { entered, close: closeApp } = await watchEntry(ari, through, id)
  const rtp = createSocket('udp4')
  const close = async () => {
    await hangUpOwn(ari, [id])
    rtp.close()
    closeApp()
  }
  try {
    const host = await addressTowards(url)
    rtp.bind(0, host)
    await once(rtp, 'listening')
    // A failed send only means that the packet is not heard.
    rtp.on('error', () => {})
    for (const name of [app, `${app}_probe`])
      await ari.request('asterisk', 'setGlobalVar', {
        variable: `CONSENTRY_TAP_DIR_${name}`,
        value: dirname(tap),
      })
    const media = await makeOwn(ari, [id], 'channels', 'externalMedia', {
      ...{ channelId: id, app: through, format: 'alaw', external_host: `${host}:${rtp.address().port}` },
      ...{ encapsulation: 'rtp', transport: 'udp', connection_type: 'client', direction: 'both' },
    })
    const source = await sourceOf(media, variable =>
      ari.request('channels', 'getChannelVar', { channelId: id, variable }),
    )
    await entered()
    const place = { context: 'consentry-probe', extension: basename(tap), priority: 1 }
    await ari.request('channels', 'continueInDialplan', { channelId: id, ...place })
    return {
      taps: createTapOrders(id, () => ari),
      speak: (sequence, ms) =>
        speak(packet => rtp.send(packet, source.port, source.address), sequence, ms / PACKET_MS),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Sends a tone with one packet each 20 ms, from its own RTP source (RFC 3550). */
async function speak(send: (packet: Buffer) => void, sequence: number, packets: number): Promise<void> {
  const source = randomBytes(4).readUInt32BE()
  const start = performance.now()
  for (let i = 0; i < packets; ) {
    for (; i < packets && i * PACKET_MS <= performance.now() - start; i++) {
      const head = Buffer.alloc(12)
      head.writeUInt8(0x80, 0)
      head.writeUInt8(ALAW | (i === 0 ? 0x80 : 0), 1)
      head.writeUInt16BE((sequence + i) & 0xffff, 2)
      head.writeUInt32BE(i * PACKET_SAMPLES, 4)
      head.writeUInt32BE(source, 8)
      send(Buffer.concat([head, TONE]))
    }
    await new Promise(resolve => setTimeout(resolve, PACKET_MS / 2))
  }
}

/**
 * The IPv4 address at which the PBX reaches this machine: the local address of a connection to ARI.
 * @throws AppError `pbx.unavailable`
 */
async function addressTowards(url: string): Promise<string> {
  const { hostname, port, protocol } = new URL(url)
  const socket = connect(Number(port) || (protocol === 'https:' ? 443 : 80), hostname.replace(/^\[|\]$/g, ''))
  const error = () => new AppError('pbx.unavailable', 'ARI cannot be reached', { retryable: true })
  try {
    await withDeadline(once(socket, 'connect'), { clock: systemClock, ms: CONNECT_MS, error })
    const address = (socket.localAddress ?? '').replace(/^::ffff:/, '')
    if (isIP(address) !== 4) throw new AppError('pbx.unavailable', 'the probe of both sides needs IPv4')
    return address
  } finally {
    socket.destroy()
  }
}
