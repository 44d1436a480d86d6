import type { Ari } from './ari.js'
import type { Heartbeat } from './protocol.js'

/** A service writes its beat each second. If the beat has not changed for so long, that service is gone or frozen, ms. */
const HEARTBEAT_TIMEOUT = 3_000

/**
 * Finds out whether another service serves the application. Each service that hears the application writes its id and a count
 * into a global variable of the PBX, which all services and keepers of the application can read. So a leftover keeper of
 * another data folder, database, user or machine does not rescue the callers of a live service.
 */
export class OtherService {
  #last: string | undefined
  #changedAt = 0

  /**
   * @param own beat of the keeper's last service. That beat proves nothing: the service may have just died.
   * @param now monotonic, ms
   * @returns whether the beat is another service's and changed within 3 s; false if `own` is unknown
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
