import type { Purpose } from '../shared/policy.js'
import type { PlaceAway } from '../shared/ports.js'

/** Remembers which store or key store of which purpose took nothing when it was tried last. */
export class PlacesAway {
  readonly #away: Record<PlaceAway, Set<Purpose>> = {
    'store-unwritable': new Set(),
    'keys-unwritable': new Set(),
  }

  /** @param taken whether the place took what it was given */
  tried(place: PlaceAway, purpose: Purpose, taken: boolean): void {
    if (taken) this.#away[place].delete(purpose)
    else this.#away[place].add(purpose)
  }

  /** Why none of these purposes can be recorded; undefined if one can, or if there are none. */
  reason(purposes: readonly Purpose[]): PlaceAway | undefined {
    const reasons = purposes.map(purpose => this.#reasonOf(purpose))
    return reasons.every(reason => reason !== undefined) ? reasons[0] : undefined
  }

  #reasonOf(purpose: Purpose): PlaceAway | undefined {
    return (['store-unwritable', 'keys-unwritable'] as const).find(place => this.#away[place].has(purpose))
  }
}
