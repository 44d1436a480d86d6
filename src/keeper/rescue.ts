import { Ari, isEarChannel, isWhisperChannel } from './ari.js'
import { OtherService } from './other-service.js'
import type { AriAccess, Heartbeat, Rescued, RescueReason } from './protocol.js'

/** Most rescues kept for the next service. Beyond it the oldest are dropped. It limits memory. */
const MAX_UNCONFIRMED = 10_000

/** Returns waiting callers to the dialplan, unrecorded, and reports them to the next service. */
export class Rescue {
  #ari: Ari | undefined
  #beat: Heartbeat | undefined
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
    this.#beat = access?.beat
  }

  /** Uses the access data of a newer service. */
  setAccess(access: AriAccess): void {
    const old = this.#ari
    this.#ari = new Ari(access)
    this.#beat = access.beat
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
      if (await this.#otherService.isAlive(ari, this.#beat)) return
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
