import type { Purpose } from '../shared/policy.js'
import type { PlaceAway } from '../shared/ports.js'

/** Which places of which purposes took nothing when they were tried last. */
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

  /** Why nothing can be recorded for any of these purposes; undefined if something can, and for none. */
  reason(purposes: readonly Purpose[]): PlaceAway | undefined {
    const reasons = purposes.map(purpose => this.#reasonOf(purpose))
    return reasons.every(reason => reason !== undefined) ? reasons[0] : undefined
  }

  #reasonOf(purpose: Purpose): PlaceAway | undefined {
    return (['store-unwritable', 'keys-unwritable'] as const).find(place => this.#away[place].has(purpose))
  }
}
