import { Ari } from './ari.js'
import { OtherService } from './other-service.js'
import type { AriAccess, Heartbeat, Rescued, RescueReason } from './protocol.js'

/** Rescues remembered for the next service; beyond it the oldest are forgotten. Bounds memory only. */
const MAX_UNCONFIRMED = 10_000

/** Sends callers whom nobody serves back to the dialplan, unrecorded, and remembers whom. */
export class Rescue {
  #ari: Ari
  #beat: Heartbeat | undefined
  readonly #otherService = new OtherService()
  #running = false
  /** Channels that were sent on at the last look; they may take a moment to go. */
  #lastContinued = new Set<string>()
  /** Watched channels that were not in the application at the last look: tried after all others. */
  #notInApplication = new Set<string>()
  #unconfirmedRescues: Rescued[] = []
  /** How many rescues were noted and delivered before the first of `#noted`. */
  #confirmedCount = 0

  constructor(access: AriAccess) {
    this.#ari = new Ari(access)
    this.#beat = access.beat
  }

  /** A newer service knows better how to reach Asterisk. */
  setAccess(access: AriAccess): void {
    const old = this.#ari
    this.#ari = new Ari(access)
    this.#beat = access.beat
    old.close()
  }

  /**
   * One round over all channels of our application. Does nothing while the last round is still under way, or while another
   * service answers for the application.
   */
  async round(reason: RescueReason): Promise<void> {
    if (this.#running) return
    this.#running = true
    const ari = this.#ari
    try {
      if (await this.#otherService.isAlive(ari, this.#beat)) return
      const channels = await ari.channelsInApplication()
      const notInApplication = new Set<string>()
      const continued = new Set<string>()
      const rescue = async (channel: string): Promise<void> => {
        if (!(await ari.returnToDialplan(channel))) return void notInApplication.add(channel)
        continued.add(channel)
        if (!this.#lastContinued.has(channel)) this.#remember({ channel, at: Date.now(), reason })
      }
      const [known, fresh] = partition(channels, channel => this.#notInApplication.has(channel))
      await Promise.allSettled([...fresh, ...known].map(rescue))
      this.#notInApplication = notInApplication
      this.#lastContinued = continued
    } catch {
      // Asterisk does not answer, so there is no caller to rescue now; the next round is a second away.
    } finally {
      this.#running = false
    }
  }

  /** What no service has confirmed yet, for the journal. */
  unconfirmed(): { upTo: number; channels: Rescued[] } | undefined {
    if (this.#unconfirmedRescues.length === 0) return undefined
    const channels = this.#unconfirmedRescues.slice(0, RESCUED_PER_FRAME)
    return { upTo: this.#confirmedCount + channels.length, channels }
  }

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

/** Keeps a frame well below its limit: one rescue takes about 100 bytes. */
const RESCUED_PER_FRAME = 500

function partition<T>(items: T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter(item => !test(item))]
}
