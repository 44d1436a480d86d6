import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { AppError } from '../src/core/errors.js'
import { type LatePacket, MediaEndpoint } from './media/media-endpoint.js'
import type { ReceivedAudio } from './media/received-audio.js'
import { LOOPBACK } from './ports.js'
import { type Describe, Holding } from './sip/hold.js'
import { IncomingCall } from './sip/incoming-call.js'
import { header, methodOf, parseSip } from './sip/message.js'
import type { CallEnd } from './sip/outgoing-call.js'
import { readSdp, writeSdp } from './sip/sdp.js'

/** How long a key is held, ms: as long as a person's quick press. */
const KEY_MS = 120
/** How long a test waits for a ring or an end by default, ms. */
const WAIT_LIMIT_MS = 60_000

/** A phone of the lab that can be rung. The PBX dials it by its address, so it need not register. */
export class Phone {
  readonly #socket: Socket = createSocket('udp4')
  readonly #calls = new Map<string, IncomingCall>()
  #ringing: IncomingCall[] = []
  #onRing = () => {}
  #take = (call: IncomingCall): void => {
    this.#ringing.push(call)
    this.#onRing()
  }
  /** Number of calls that have rung it. */
  rung = 0

  private constructor() {}

  /** Opens a phone on loopback. */
  static async open(): Promise<Phone> {
    const phone = new Phone()
    phone.#socket.bind(0, LOOPBACK)
    await once(phone.#socket, 'listening')
    phone.#socket.on('message', (datagram, from) => phone.#received(datagram, from))
    return phone
  }

  get #own(): string {
    return `${LOOPBACK}:${this.#socket.address().port}`
  }

  /** The address that the lab's PBX dials: its endpoint `caller`, at this phone's address. */
  get endpoint(): string {
    return `PJSIP/caller/sip:phone@${this.#own}`
  }

  /** The same phone as an internal one: through the endpoint `agent`. */
  get agentEndpoint(): string {
    return `PJSIP/agent/sip:phone@${this.#own}`
  }

  /** Gives each ringing call to `take`. Without it, calls ring until {@link waitForRing} fetches them. */
  onEachRing(take: (call: IncomingCall) => void): void {
    this.#take = take
  }

  /** Waits until it rings. @throws AppError `pbx.timeout` */
  async waitForRing(limit = WAIT_LIMIT_MS): Promise<IncomingCall> {
    if (this.#ringing.length === 0) await within(limit, 'rung', done => (this.#onRing = done))
    return this.#ringing.shift()!
  }

  /** Answers a ringing call. @param sequence of its first RTP packet; random by default */
  async answer(call: IncomingCall, sequence?: number): Promise<AnsweredCall> {
    const { answered, describe } = await this.#connect(call, sequence)
    call.answer(describe(1, 'sendrecv'))
    return answered
  }

  /** Speaks and hears in a ringing call without answering it, as networks and gateways do. */
  async speakEarly(call: IncomingCall, sequence?: number): Promise<AnsweredCall> {
    const { answered, describe } = await this.#connect(call, sequence)
    call.progress(describe(1, 'sendrecv'))
    return answered
  }

  async #connect(call: IncomingCall, sequence?: number) {
    const media = new MediaEndpoint('alaw', sequence)
    const port = await media.open()
    const peer = readSdp(call.offer)
    if (peer) media.sendTo(peer)
    const describe: Describe = (version, direction) =>
      writeSdp(LOOPBACK, port, 'alaw', true, version, direction)
    return { answered: new AnsweredCall(call, media, describe), describe }
  }

  close(): void {
    this.#socket.close()
  }

  #received(datagram: Buffer, from: { address: string; port: number }): void {
    const message = parseSip(datagram)
    const id = header(message, 'call-id') ?? ''
    const known = this.#calls.get(id)
    known?.received(message)
    if (known || methodOf(message) !== 'INVITE') return
    const call = new IncomingCall(this.#socket, this.#own, message, from)
    this.#calls.set(id, call)
    this.rung += 1
    this.#take(call)
  }
}

/** A call that a phone has answered. */
export class AnsweredCall {
  end: CallEnd | undefined
  #onEnd = () => {}
  readonly #call: IncomingCall
  readonly #media: MediaEndpoint
  readonly #holding: Holding

  constructor(call: IncomingCall, media: MediaEndpoint, describe: Describe) {
    this.#call = call
    this.#media = media
    this.#holding = new Holding(describe, sdp => call.offerAgain(sdp))
    call.on('ended', end => {
      this.end = end
      media.close()
      this.#onEnd()
    })
  }

  /** The audio received up to now. */
  get heard(): ReceivedAudio {
    return this.#media.received
  }

  /** Speech and keys that left late. */
  get late(): readonly LatePacket[] {
    return this.#media.late
  }

  /** Queues samples (signed 16-bit, 8 kHz) after those already queued. @returns when the last packet has been sent, epoch ms */
  say(samples: Int16Array): Promise<number> {
    return this.#media.say(samples)
  }

  /** Presses a key by RFC 4733. */
  press(key: string): Promise<number> {
    return this.#media.press(key, KEY_MS)
  }

  /** Stops sending packets, as a muted phone that suppresses silence. */
  mute(): void {
    this.#media.mute(true)
  }

  /** Continues with this RTP sequence number. */
  setSequence(sequence: number): void {
    this.#media.setSequence(sequence)
  }

  /**
   * Restarts its RTP, as after a fail-over, with sequence numbers that seem older.
   * @param how from which source, and whether a re-INVITE announces it
   */
  async restartRtp(how: { from?: 'another' | 'same'; offers?: boolean } = {}): Promise<void> {
    this.#media.restartRtp(how.from ?? 'another')
    if (how.offers) await this.#holding.set('sendrecv')
  }

  /** Puts the other side on hold by a re-INVITE, and sends nothing more. @throws AppError `pbx.refused` */
  async hold(): Promise<void> {
    await this.#holding.set('sendonly')
    this.#media.mute(true)
  }

  /** Takes the other side off hold. @throws AppError `pbx.refused` */
  async unhold(): Promise<void> {
    this.#media.mute(false)
    await this.#holding.set('sendrecv')
  }

  hangup(): Promise<void> {
    return this.#call.hangup()
  }

  /** Has the PBX transfer the other side. @param target a SIP address @returns the final SIP status, 0 if none came */
  refer(target: string): Promise<number> {
    return this.#call.refer(target)
  }

  /** Waits until either side ends the call. @throws AppError `pbx.timeout` */
  async waitForEnd(limit = WAIT_LIMIT_MS): Promise<CallEnd> {
    if (!this.end) await within(limit, 'ended', done => (this.#onEnd = done))
    return this.end!
  }
}

/** @throws AppError `pbx.timeout` */
function within(limit: number, what: string, listen: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new AppError('pbx.timeout', `the phone was not ${what} within ${limit} ms`))
    const timer = setTimeout(late, limit)
    listen(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
