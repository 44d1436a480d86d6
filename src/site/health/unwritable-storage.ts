import type { Clock } from '../../core/clock.js'
import type { Purpose } from '../../core/policy.js'
import type { StorageAway } from '../../core/ports.js'
import { waitAtMost } from '../../lib/deadline.js'

/**
 * Longest wait of a recovered caller for the first attempts, ms. An attempt takes some ms, and its process starts in
 * 0.1 s. The caller hears nothing meanwhile.
 */
const FIRST_ATTEMPTS_MS = 1_000

/** Remembers which store or key store of which purpose could not be written at the last attempt. */
export class UnwritableStorage {
  readonly #unwritable: Record<StorageAway, Set<Purpose>> = {
    'store-unwritable': new Set(),
    'keys-unwritable': new Set(),
  }
  #allTried = () => {}
  readonly #tried = new Promise<void>(resolve => {
    this.#allTried = resolve
  })

  /** @param writable whether the store or key store could be written */
  noteAttempt(alarm: StorageAway, purpose: Purpose, writable: boolean): void {
    if (writable) this.#unwritable[alarm].delete(purpose)
    else this.#unwritable[alarm].add(purpose)
  }

  /** Called once each store and key store was tried. */
  noteAllTried(): void {
    this.#allTried()
  }

  /** Returns `reason`, once each store and key store was tried, or after a second. */
  async reasonOnceTried(
    purposes: readonly Purpose[],
    clock: Pick<Clock, 'after'>,
  ): Promise<StorageAway | undefined> {
    await waitAtMost(clock, FIRST_ATTEMPTS_MS, this.#tried)
    return this.reason(purposes)
  }

  /** Why none of these purposes can be recorded; undefined if one can, or if the list is empty. */
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
