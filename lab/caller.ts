import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../src/core/errors.js'
import { keyTones, silence, tone } from './audio/signals.js'
import { type LatePacket, MediaEndpoint } from './media/media-endpoint.js'
import type { PhoneCodec } from './media/phone-codec.js'
import type { ReceivedAudio } from './media/received-audio.js'
import { LOOPBACK } from './ports.js'
import { type Describe, Holding } from './sip/hold.js'
import { type CallEnd, OutgoingCall } from './sip/outgoing-call.js'
import { readSdp, writeSdp } from './sip/sdp.js'
import { epochMs } from './time.js'

/** How a phone sends its keys. */
export type KeyMethod = 'rfc4733' | 'info' | 'inband'

export interface CallerOptions {
  /** The PBX, `host:port`. */
  sip: string
  /** The number to dial. */
  number: string
  /** The caller's own number. */
  from?: string
  /** A complete From address, used instead of `from`: `"name" <sip:x@OWN>`. `OWN` becomes the phone's host and port. */
  fromHeader?: string
  /** Further header lines of the INVITE. */
  headers?: [string, string][]
  codec?: PhoneCodec
  /** The SDP offer lists key events only for `rfc4733`. Without them the PBX detects INFO and in-band keys. */
  keys?: KeyMethod
}

/** How long a key is held by default, ms: as long as a person's quick press. */
const KEY_MS = 120
/** Silence after an in-band key, ms. Without it the PBX takes two equal keys for one. */
const KEY_GAP_MS = 100
/** How long a caller waits for an answer or an end by default, ms. */
const WAIT_LIMIT_MS = 30_000

/** A real SIP phone that a program controls. It can speak, press keys, and keep everything that it receives. */
export class Caller {
  /** When the call was answered and when it ended, epoch ms. */
  answeredAt: number | undefined
  endedAt: number | undefined
  end: CallEnd | undefined
  readonly #media: MediaEndpoint
  readonly #call: OutgoingCall
  readonly #keys: KeyMethod
  readonly #holding: Holding

  private constructor(call: OutgoingCall, media: MediaEndpoint, keys: KeyMethod, describe: Describe) {
    this.#call = call
    this.#media = media
    this.#keys = keys
    this.#holding = new Holding(describe, sdp => call.offerAgain(sdp))
    call.on('answered', sdp => {
      this.answeredAt = epochMs()
      const peer = readSdp(sdp)
      if (peer) media.sendTo(peer)
    })
    call.on('ended', end => {
      this.endedAt = epochMs()
      this.end = end
      media.close()
    })
  }

  /** Places a call. Resolves when the INVITE has been sent. */
  static async call(options: CallerOptions): Promise<Caller> {
    const codec = options.codec ?? 'alaw'
    const keys = options.keys ?? 'rfc4733'
    const media = new MediaEndpoint(codec)
    const port = await media.open()
    const describe: Describe = (version, direction) =>
      writeSdp(LOOPBACK, port, codec, keys === 'rfc4733', version, direction)
    const call = new OutgoingCall({
      sip: options.sip,
      number: options.number,
      from: options.fromHeader ?? `<sip:${options.from ?? '79990000001'}@OWN>`,
      headers: options.headers ?? [],
      sdp: describe(1, 'sendrecv'),
    })
    const caller = new Caller(call, media, keys, describe)
    await call.start()
    return caller
  }

  /** The audio received up to now. */
  get heard(): ReceivedAudio {
    return this.#media.received
  }

  /** Speech and keys of the caller that left late. */
  get late(): readonly LatePacket[] {
    return this.#media.late
  }

  get callId(): string {
    return this.#call.callId
  }

  /** The address with which a `REFER` replaces this call, once it is answered. */
  get replacesAddress(): string {
    return this.#call.replacesAddress
  }

  /**
   * Waits until the call is answered.
   *
   * @throws AppError `pbx.refused` if the call ends without an answer, `pbx.timeout`
   */
  async waitForAnswer(limit = WAIT_LIMIT_MS): Promise<void> {
    if (this.answeredAt !== undefined) return
    if (!this.end) await this.#either(['answered', 'ended'], limit)
    if (this.answeredAt === undefined) {
      throw new AppError('pbx.refused', `the call ended unanswered: ${JSON.stringify(this.end)}`)
    }
  }

  /**
   * Waits until either side ends the call.
   *
   * @throws AppError `pbx.timeout`
   */
  async waitForEnd(limit = WAIT_LIMIT_MS): Promise<CallEnd> {
    if (!this.end) await this.#either(['ended'], limit)
    return this.end as CallEnd
  }

  /**
   * Queues samples (signed 16-bit, 8 kHz) after those already queued.
   *
   * @returns when the last packet has been sent, epoch ms
   */
  say(samples: Int16Array): Promise<number> {
    return this.#media.say(samples)
  }

  /**
   * Presses a key.
   *
   * @param options `method`: how the key is sent, the phone's own way by default; `ms`: how long it is held
   * @returns when it was released, epoch ms
   */
  async press(key: string, options: { method?: KeyMethod; ms?: number } = {}): Promise<number> {
    const ms = options.ms ?? KEY_MS
    switch (options.method ?? this.#keys) {
      case 'rfc4733':
        return this.#media.press(key, ms)
      case 'inband': {
        const released = this.#media.say(tone(keyTones(key), ms, -12))
        void this.#media.say(silence(KEY_GAP_MS))
        return released
      }
      case 'info': {
        await sleep(ms)
        const sent = epochMs()
        await this.#call.request('INFO', `Signal=${key}\r\nDuration=${ms}\r\n`, 'application/dtmf-relay')
        return sent
      }
    }
  }

  /** Presses keys one after another. @returns when the last was released, epoch ms */
  async pressKeys(keys: string, options: { method?: KeyMethod; ms?: number } = {}): Promise<number> {
    let released = epochMs()
    for (const key of keys) {
      released = await this.press(key, options)
      await sleep(KEY_GAP_MS)
    }
    return released
  }

  /** Stops sending packets, or starts again. */
  mute(muted = true): void {
    this.#media.mute(muted)
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
    this.mute()
  }

  /** Takes the other side off hold. @throws AppError `pbx.refused` */
  async unhold(): Promise<void> {
    this.mute(false)
    await this.#holding.set('sendrecv')
  }

  /** Hangs up, or cancels while it rings. Resolves when the PBX has confirmed it. */
  hangup(): Promise<void> {
    return this.#call.hangup()
  }

  /** Stops without ending the call, as a phone that loses power. */
  losePower(): void {
    this.#call.losePower()
  }

  async #either(names: ('answered' | 'ended')[], limit: number): Promise<void> {
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(), limit)
    try {
      await Promise.race(names.map(name => once(this.#call, name, { signal: stop.signal })))
    } catch (cause) {
      throw new AppError('pbx.timeout', `the call was not ${names.join(' or ')} within ${limit} ms`, {
        cause,
      })
    } finally {
      clearTimeout(timer)
      stop.abort()
    }
  }
}
