import { Agent, request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest, Agent as TlsAgent } from 'node:https'
import type { AriAccess, Rescued, RescueReason } from './protocol.js'

/** Most rescues kept for the next service. Beyond it the oldest are dropped. It limits memory. */
const MAX_UNCONFIRMED = 10_000

/** Returns waiting callers to the dialplan, unrecorded, and reports them to the next service. */
export class Rescue {
  #ari: Ari | undefined
  readonly #otherService = new OtherService()
  #running = false
  /** Channels that the last round returned to the dialplan. They may take a moment to leave the application. */
  #lastContinued = new Set<string>()
  /** Channels that the last round did not find in the application. They are tried after all others. */
  #notInApplication = new Set<string>()
  #unconfirmedRescues: Rescued[] = []
  /** Number of rescues before the first of `#unconfirmedRescues`. */
  #confirmedCount = 0

  /**
   * @param access undefined: no caller is rescued until `setAccess`
   */
  constructor(access: AriAccess | undefined) {
    this.#ari = access && new Ari(access)
  }

  /** Uses the access data of a newer service. */
  setAccess(access: AriAccess): void {
    const old = this.#ari
    this.#ari = new Ari(access)
    old?.close()
  }

  /**
   * Returns all channels of the application to the dialplan. Does nothing while another round runs or another service
   * serves the application. Never rejects.
   */
  async round(reason: RescueReason): Promise<void> {
    const ari = this.#ari
    if (this.#running || !ari) return
    this.#running = true
    try {
      if (await this.#otherService.isAlive(ari)) return
      const [ears, rest] = partition(await ari.channelsInApplication(), isEarChannel)
      const [whispers, channels] = partition(rest, isWhisperChannel)
      const removed = [...ears.map(ear => ari.removeEar(ear)), ...whispers.map(one => ari.hangUp(one))]
      const notInApplication = new Set<string>()
      const continued = new Set<string>()
      const rescue = async (channel: string): Promise<void> => {
        if (!(await ari.returnToDialplan(channel))) return void notInApplication.add(channel)
        continued.add(channel)
        if (!this.#lastContinued.has(channel)) this.#remember({ channel, at: Date.now(), reason })
      }
      const [absentBefore, others] = partition(channels, channel => this.#notInApplication.has(channel))
      await Promise.allSettled([...[...others, ...absentBefore].map(rescue), ...removed])
      this.#notInApplication = notInApplication
      this.#lastContinued = continued
    } catch {
      // Asterisk does not answer, so no caller can be rescued now. The next round follows within a second.
    } finally {
      this.#running = false
    }
  }

  /** Returns the rescues that no service has confirmed yet, so that the service can journal them. */
  unconfirmed(): { upTo: number; channels: Rescued[] } | undefined {
    if (this.#unconfirmedRescues.length === 0) return undefined
    const channels = this.#unconfirmedRescues.slice(0, RESCUED_PER_FRAME)
    return { upTo: this.#confirmedCount + channels.length, channels }
  }

  /** Drops the rescues that a service has stored. @param upTo count of rescues, as `unconfirmed` returned it */
  confirm(upTo: number): void {
    const count = Math.min(Math.max(upTo - this.#confirmedCount, 0), this.#unconfirmedRescues.length)
    this.#unconfirmedRescues.splice(0, count)
    this.#confirmedCount += count
  }

  #remember(rescued: Rescued): void {
    this.#unconfirmedRescues.push(rescued)
    if (this.#unconfirmedRescues.length > MAX_UNCONFIRMED) this.confirm(this.#confirmedCount + 1)
  }
}

/** Rescues in one frame. One takes about 100 bytes, so the frame stays well below its limit. */
const RESCUED_PER_FRAME = 500

function partition<T>(items: T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter(item => !test(item))]
}

/**
 * A service changes its heartbeat each second. If it does not change for this time, ms, that service has ended or is
 * frozen.
 */
const HEARTBEAT_TIMEOUT = 3_000

/**
 * Detects whether another service serves the application. Each service that receives the application's events writes
 * its id and a count to a global variable of the PBX. All services and keepers of the application can read it. So a
 * leftover keeper of another data folder, database, user or machine does not rescue the callers of a running service.
 */
class OtherService {
  #last: string | undefined
  #changedAt = 0

  /**
   * @param ari with the heartbeat of the keeper's last service, which proves nothing: that service may just have ended
   * @param now monotonic, ms
   * @returns whether the heartbeat is of another service and changed within 3 s
   * @throws Error if the PBX does not answer
   */
  async isAlive(ari: Ari): Promise<boolean> {
    const { variable, id } = ari.access.beat
    const beat = await ari.globalVariable(variable)
    if (beat === undefined || beat === '' || beat.split(' ')[0] === id) return false
    if (beat !== this.#last) {
      this.#last = beat
      this.#changedAt = performance.now()
    }
    return performance.now() - this.#changedAt < HEARTBEAT_TIMEOUT
  }
}

/** Limit of one request, ms. Asterisk usually answers in a few ms, and a rescue must continue with the next channel. */
const REQUEST_TIMEOUT = 2_000
/** Longest response accepted, bytes. An application with 10,000 channels lists them in 500 KB. */
const MAX_ANSWER = 4 * 1024 * 1024
/** Parallel requests: enough for hundreds of channels a second, and few enough for an overloaded PBX. */
const MAX_SOCKETS = 8

/** Ids of the playbacks of a channel's prompts, as the service names them (`src/call/run/prompt-player.ts`). */
const promptIds = (channel: string): string[] => [`${channel}-prompt-0`, `${channel}-prompt-1`]

/**
 * Ends of the ids of the channels of an ear, after the id of the channel that it hears (`src/asterisk/ear-ids.ts`).
 */
const EAR_CHANNEL = /^(.+?)-ear-(?:spy|rtp)$/

/** Whether a channel belongs to an ear of the service and is not a caller. */
const isEarChannel = (channel: string): boolean => EAR_CHANNEL.test(channel)

/** The id of a whisper channel, after that of the channel that hears it (`src/asterisk/ari-whisper.ts`). */
const WHISPER_CHANNEL = /^.+-whisper-[0-9a-f]{8}$/

/** Whether a channel is a whisper of the service and not a caller. */
const isWhisperChannel = (channel: string): boolean => WHISPER_CHANNEL.test(channel)

/** The requests of Asterisk's REST interface (ARI) that a rescue needs. They work while no application is connected. */
class Ari {
  readonly access: AriAccess
  readonly #base: URL
  readonly #agent: Agent

  /** @throws TypeError if the URL is invalid */
  constructor(access: AriAccess) {
    this.access = access
    const url = new URL(access.url)
    this.#base = new URL(`${url.pathname.replace(/\/+$/, '').replace(/\/ari$/, '')}/ari/`, url)
    const options = { keepAlive: true, maxSockets: MAX_SOCKETS }
    this.#agent = this.#base.protocol === 'https:' ? new TlsAgent(options) : new Agent(options)
  }

  /**
   * Lists the ids of the channels that are in the application or watched by it. The list is empty if Asterisk does not
   * know the application.
   *
   * @throws Error if the PBX does not answer
   */
  async channelsInApplication(): Promise<string[]> {
    const { status, body } = await this.#request('GET', `applications/${encodeURIComponent(this.access.app)}`)
    if (status === 404) return []
    if (status !== 200) throw new Error(`Asterisk answered ${status} to a request for the application`)
    const { channel_ids: ids } = JSON.parse(body) as { channel_ids?: unknown }
    return Array.isArray(ids) ? ids.filter(id => typeof id === 'string') : []
  }

  /** Returns a global variable of the PBX; undefined if it is not set. @throws Error if the PBX does not answer */
  async globalVariable(name: string): Promise<string | undefined> {
    const { status, body } = await this.#request(
      'GET',
      `asterisk/variable?variable=${encodeURIComponent(name)}`,
    )
    if (status !== 200) return undefined
    const { value } = JSON.parse(body) as { value?: unknown }
    return typeof value === 'string' ? value : undefined
  }

  /**
   * Returns a channel to the dialplan. Asterisk returns it only when its prompt has ended, so the prompt is stopped
   * too. The channel of another application is left alone, although Asterisk would accept the request.
   *
   * @returns false if the channel is not in the application
   * @throws Error if the PBX does not answer or refuses
   */
  async returnToDialplan(channel: string): Promise<boolean> {
    if (!(await this.#isInApplication(channel))) return false
    const { status } = await this.#request('POST', `channels/${encodeURIComponent(channel)}/continue`)
    if (status >= 200 && status < 300) {
      const stop = (id: string) => this.#request('DELETE', `playbacks/${encodeURIComponent(id)}`)
      await Promise.allSettled(promptIds(channel).map(stop))
      return true
    }
    if (status === 404 || status === 409) return false
    throw new Error(`Asterisk answered ${status} to continue`)
  }

  /** Removes a channel of an ear, and the bridge of the ear, so that nothing of the caller is sent any more. */
  async removeEar(channel: string): Promise<void> {
    const heard = EAR_CHANNEL.exec(channel)?.[1]
    const bridge = `${heard}-ear-${this.access.app}`
    await Promise.all([
      this.#request('DELETE', `channels/${encodeURIComponent(channel)}`),
      this.#request('DELETE', `bridges/${encodeURIComponent(bridge)}`),
    ])
  }

  /** Hangs up a whisper channel. The service that spoke on it has stopped. */
  async hangUp(channel: string): Promise<void> {
    await this.#request('DELETE', `channels/${encodeURIComponent(channel)}`)
  }

  close(): void {
    this.#agent.destroy()
  }

  /** Whether the dialplan runs `Stasis(APP,…)` for a channel. `src/asterisk/whereabouts.ts` tests the same. */
  async #isInApplication(channel: string): Promise<boolean> {
    const path = `channels/${encodeURIComponent(channel)}`
    const { status, body } = await this.#request('GET', path)
    if (status === 404) return false
    if (status !== 200) throw new Error(`Asterisk answered ${status} to a request for a channel`)
    const { dialplan } = JSON.parse(body) as { dialplan?: { app_name?: string; app_data?: string } }
    // An older Asterisk does not list these two fields. They are then read as variables of the channel.
    const name = dialplan?.app_name ?? (await this.#channelVariable(path, 'CHANNEL(appname)'))
    const data = dialplan?.app_data ?? (await this.#channelVariable(path, 'CHANNEL(appdata)'))
    return name === 'Stasis' && data.split(',')[0] === this.access.app
  }

  async #channelVariable(path: string, name: string): Promise<string> {
    const { body } = await this.#request('GET', `${path}/variable?variable=${encodeURIComponent(name)}`)
    return String((JSON.parse(body) as { value?: unknown }).value)
  }

  #request(method: string, path: string): Promise<{ status: number; body: string }> {
    const { username, password } = this.access
    const options: RequestOptions = {
      method,
      agent: this.#agent,
      auth: `${username}:${password}`,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT),
      headers: { 'content-length': 0 },
    }
    const send = this.#base.protocol === 'https:' ? httpsRequest : httpRequest
    return new Promise((resolve, reject) => {
      const request = send(new URL(path, this.#base), options, answer => {
        const pieces: Buffer[] = []
        let length = 0
        answer.on('error', reject)
        answer.on('data', (piece: Buffer) => {
          length += piece.length
          if (length > MAX_ANSWER) request.destroy(new Error('the answer of Asterisk is too long'))
          else pieces.push(piece)
        })
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(pieces).toString() })
        })
      })
      request.on('error', reject)
      request.end()
    })
  }
}
