import type { Ari } from './ari.js'
import type { Heartbeat } from './protocol.js'

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
export class OtherService {
  #last: string | undefined
  #changedAt = 0

  /**
   * @param own heartbeat of the keeper's last service, which proves nothing, because that service may just have ended
   * @param now monotonic, ms
   * @returns whether the heartbeat is of another service and changed within 3 s; false if `own` is unknown
   * @throws Error if the PBX does not answer
   */
  async isAlive(
    ari: Pick<Ari, 'globalVariable'>,
    own: Heartbeat | undefined,
    now = () => performance.now(),
  ): Promise<boolean> {
    if (!own) return false
    const beat = await ari.globalVariable(own.variable)
    if (beat === undefined || beat === '' || beat.split(' ')[0] === own.id) return false
    if (beat !== this.#last) {
      this.#last = beat
      this.#changedAt = now()
    }
    return now() - this.#changedAt < HEARTBEAT_TIMEOUT
  }
}
