import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../src/shared/errors.js'
import type { G711 } from './audio/g711.js'
import { keyTones, silence, tone } from './audio/signals.js'
import { MediaEndpoint } from './media/media-endpoint.js'
import type { ReceivedAudio } from './media/received-audio.js'
import { LOOPBACK } from './ports.js'
import { type CallEnd, OutgoingCall } from './sip/outgoing-call.js'
import { readSdp, writeSdp } from './sip/sdp.js'
import { epochMs } from './time.js'

/** How a phone sends its keys. */
export type KeyMethod = 'rfc4733' | 'info' | 'inband'

export interface CallerOptions {
  /** The PBX, `host:port`. */
  sip: string
  /** What is dialled. */
  number: string
  /** The caller's own number. */
  from?: string
  /** The whole From address in place of `from`, for hostile ones: `"name" <sip:x@OWN>`, OWN being host and port. */
  fromHeader?: string
  /** Further header lines of the INVITE. */
  headers?: [string, string][]
  codec?: G711
  /** Only with RFC 4733 does the offer name key events, so that the PBX listens for the other kinds. */
  keys?: KeyMethod
}

/** How long a key is held by default, ms: a quick human press. */
const KEY_MS = 120
/** Silence after an in-band key, ms: without it, two equal keys would be one. */
const KEY_GAP_MS = 100
/** How long a caller waits for an answer or an end by default, ms. */
const WAIT_LIMIT_MS = 30_000

/** A caller under control of a test: a real SIP phone with a voice, keys and ears. */
export class Caller {
  /** When the call was answered and when it ended, epoch ms. */
  answeredAt: number | undefined
  endedAt: number | undefined
  end: CallEnd | undefined
  readonly #media: MediaEndpoint
  readonly #call: OutgoingCall
  readonly #keys: KeyMethod

  private constructor(call: OutgoingCall, media: MediaEndpoint, keys: KeyMethod) {
    this.#call = call
    this.#media = media
    this.#keys = keys
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

  /** Calls. Resolves once the INVITE is on its way. */
  static async call(options: CallerOptions): Promise<Caller> {
    const codec = options.codec ?? 'alaw'
    const keys = options.keys ?? 'rfc4733'
    const media = new MediaEndpoint(codec)
    const port = await media.open()
    const call = new OutgoingCall({
      sip: options.sip,
      number: options.number,
      from: options.fromHeader ?? `<sip:${options.from ?? '79990000001'}@OWN>`,
      headers: options.headers ?? [],
      sdp: writeSdp(LOOPBACK, port, codec, keys === 'rfc4733'),
    })
    const caller = new Caller(call, media, keys)
    await call.start()
    return caller
  }

  /** What has been and is being heard. */
  get heard(): ReceivedAudio {
    return this.#media.received
  }

  get callId(): string {
    return this.#call.callId
  }

  /**
   * Waits until the call is answered.
   *
   * @throws AppError `pbx.refused` when it ended before, `pbx.timeout`
   */
  async waitForAnswer(limit = WAIT_LIMIT_MS): Promise<void> {
    if (this.answeredAt !== undefined) return
    if (!this.end) await this.#either(['answered', 'ended'], limit)
    if (this.answeredAt === undefined) {
      throw new AppError('pbx.refused', `the call ended unanswered: ${JSON.stringify(this.end)}`)
    }
  }

  /**
   * Waits for the end of the call, whoever ends it.
   *
   * @throws AppError `pbx.timeout`
   */
  async waitForEnd(limit = WAIT_LIMIT_MS): Promise<CallEnd> {
    if (!this.end) await this.#either(['ended'], limit)
    return this.end as CallEnd
  }

  /** Says samples (signed 16-bit, 8 kHz) after whatever is still being said. Resolves at their end; epoch ms. */
  say(samples: Int16Array): Promise<number> {
    return this.#media.say(samples)
  }

  /**
   * Presses a key in this phone's way, or another.
   *
   * @param options `ms`: how long it is held
   * @returns when it was let go, epoch ms
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

  /** Presses keys one after another. @returns when the last was let go, epoch ms */
  async pressKeys(keys: string, options: { method?: KeyMethod; ms?: number } = {}): Promise<number> {
    let released = epochMs()
    for (const key of keys) {
      released = await this.press(key, options)
      await sleep(KEY_GAP_MS)
    }
    return released
  }

  /** Stops sending any packet, or goes on. */
  mute(muted = true): void {
    this.#media.mute(muted)
  }

  /** Hangs up, or cancels while it rings. Resolves when the PBX has agreed. */
  hangup(): Promise<void> {
    return this.#call.hangup()
  }

  /** Disappears without a word. */
  losePower(): void {
    this.#call.losePower()
  }

  async #either(names: ('answered' | 'ended')[], limit: number): Promise<void> {
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(), limit)
    try {
      await Promise.race(names.map(name => once(this.#call, name, { signal: stop.signal })))
    } catch (cause) {
      throw new AppError('pbx.timeout', `nothing of ${names.join(' or ')} within ${limit} ms`, { cause })
    } finally {
      clearTimeout(timer)
      stop.abort()
    }
  }
}
