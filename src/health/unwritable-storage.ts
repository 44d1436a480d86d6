import type { Purpose } from '../shared/policy.js'
import type { StorageAway } from '../shared/ports.js'

/** Remembers which store or key store of which purpose could not be written at the last attempt. */
export class UnwritableStorage {
  readonly #unwritable: Record<StorageAway, Set<Purpose>> = {
    'store-unwritable': new Set(),
    'keys-unwritable': new Set(),
  }

  /** @param writable whether the store or key store could be written */
  noteAttempt(alarm: StorageAway, purpose: Purpose, writable: boolean): void {
    if (writable) this.#unwritable[alarm].delete(purpose)
    else this.#unwritable[alarm].add(purpose)
  }

  /** Why none of these purposes can be recorded; undefined if one can, or if there are none. */
  reason(purposes: readonly Purpose[]): StorageAway | undefined {
    const reasons = purposes.map(purpose => this.#reasonOf(purpose))
    return reasons.every(reason => reason !== undefined) ? reasons[0] : undefined
  }

  #reasonOf(purpose: Purpose): StorageAway | undefined {
    return (['store-unwritable', 'keys-unwritable'] as const).find(place =>
      this.#unwritable[place].has(purpose),
    )
  }
}
