import type { Purpose } from './policy.js'
import type { StorageAway } from './ports.js'

/**
 * Decides whether a caller who was admitted before is asked again. Such a caller is part of the load already, so only
 * storage counts.
 */
export interface StorageGate {
  /**
   * Resolves once the stores can be judged. A service that has just started first tries each store, for a second at
   * most. Never rejects.
   *
   * @param purposes of the call's line
   * @returns why recording is impossible; undefined if it is possible
   */
  storageAway(purposes: readonly Purpose[]): Promise<StorageAway | undefined>
}
