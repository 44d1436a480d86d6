import { createHash } from 'node:crypto'
import type { Clock } from '../core/clock.js'

const MINUTE_MS = 60_000
/** Most failed searches for a token or session in a minute, from one network. Each search is a query. */
const UNKNOWN_PER_MINUTE = 60
/** How long a found token or session stays exempt, ms: a shift. */
const KNOWN_MS = 43_200_000
/** Most networks, and most known secrets, in memory. The oldest is dropped first. */
const MOST = 10_000

/**
 * Bounds searches for invalid tokens and sessions, so that a flood of them does not load the database. A secret found
 * before is always searched, so that such a flood does not lock out valid users of the same network. The class stores
 * hashes in memory, no secrets.
 */
export class SearchLimit {
  readonly #clock: Clock
  /** Failed searches by network. */
  readonly #failed = new Map<string, { since: number; count: number }>()
  /** Found secrets by hash, with the time of the last search. */
  readonly #found = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** True if a secret from this network may be searched. */
  allows(network: string, secret: string): boolean {
    const found = this.#found.get(hashOf(secret))
    if (found !== undefined && this.#clock.now() - found < KNOWN_MS) return true
    const failed = this.#failed.get(network)
    return !failed || this.#clock.now() - failed.since >= MINUTE_MS || failed.count < UNKNOWN_PER_MINUTE
  }

  /** Stores the result of a search. */
  note(network: string, secret: string, found: boolean): void {
    const now = this.#clock.now()
    if (found) {
      keep(this.#found, hashOf(secret), now)
      return
    }
    // An ended session or a revoked token counts as invalid.
    this.#found.delete(hashOf(secret))
    const failed = this.#failed.get(network)
    if (failed && now - failed.since < MINUTE_MS) failed.count += 1
    else keep(this.#failed, network, { since: now, count: 1 })
  }
}

/** Makes an entry the youngest. */
function keep<Value>(map: Map<string, Value>, name: string, value: Value): void {
  map.delete(name)
  map.set(name, value)
  if (map.size > MOST) map.delete(map.keys().next().value!)
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64')
