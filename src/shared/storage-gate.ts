import type { Purpose } from './policy.js'
import type { StorageAway } from './ports.js'

/** Decides whether a caller is asked on who was let in before, and so is part of the load already. */
export interface StorageGate {
  /**
   * A service that has just started has tried no store yet. This resolves when it has tried each, and after a second at the latest. Never
   * rejects.
   *
   * @param purposes of the call's line
   * @returns why nothing could be recorded; undefined if something could
   */
  storageAway(purposes: readonly Purpose[]): Promise<StorageAway | undefined>
}
