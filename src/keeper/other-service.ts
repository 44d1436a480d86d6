import type { Ari } from './ari.js'
import type { Beat } from './protocol.js'

/** A service writes its beat each second; one whose beat has not changed for so long is gone or stands still, ms. */
const BEAT_PATIENCE = 3_000

/**
 * Whether another service answers for the application. Each service that hears the application writes its id and a count into
 * a global variable of the PBX, the one place that all services and keepers of an application share. So a keeper that another
 * data folder, database, user or machine left over leaves alone the callers of a service that lives.
 */
export class OtherService {
  #last: string | undefined
  #changedAt = 0

  /**
   * @param own of the service that this keeper last knew: its own beat proves nothing, for it may have just died
   * @param now monotonic, ms
   * @throws Error if the PBX does not answer
   */
  async lives(
    ari: Pick<Ari, 'variable'>,
    own: Beat | undefined,
    now = () => performance.now(),
  ): Promise<boolean> {
    if (!own) return false
    const beat = await ari.variable(own.variable)
    if (beat === undefined || beat === '' || beat.split(' ')[0] === own.id) return false
    if (beat !== this.#last) {
      this.#last = beat
      this.#changedAt = now()
    }
    return now() - this.#changedAt < BEAT_PATIENCE
  }
}
