import type { Purpose } from '../shared/policy.js'
import type { StorageAway } from '../shared/ports.js'

/** Remembers which store or key store of which purpose took nothing when it was tried last. */
export class UnwritableStorage {
  readonly #away: Record<StorageAway, Set<Purpose>> = {
    'store-unwritable': new Set(),
    'keys-unwritable': new Set(),
  }

  /** @param taken whether the place took what it was given */
  tried(place: StorageAway, purpose: Purpose, taken: boolean): void {
    if (taken) this.#away[place].delete(purpose)
    else this.#away[place].add(purpose)
  }

  /** Why none of these purposes can be recorded; undefined if one can, or if there are none. */
  reason(purposes: readonly Purpose[]): StorageAway | undefined {
    const reasons = purposes.map(purpose => this.#reasonOf(purpose))
    return reasons.every(reason => reason !== undefined) ? reasons[0] : undefined
  }

  #reasonOf(purpose: Purpose): StorageAway | undefined {
    return (['store-unwritable', 'keys-unwritable'] as const).find(place => this.#away[place].has(purpose))
  }
}
