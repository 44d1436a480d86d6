import { createHash } from 'node:crypto'
import type { Clock } from '../shared/clock.js'

const MINUTE_MS = 60_000
/** Most searches in a minute, from one network, for a token or session that is none. Each is a query. */
const UNKNOWN_PER_MINUTE = 60
/** How long a token or session that was found needs no count, ms: a shift. */
const KNOWN_MS = 43_200_000
/** Most networks, and most known secrets, that are kept. The oldest is forgotten first. */
const MOST = 10_000

/**
 * Bounds the searches for tokens and sessions that are none, so that a flood of wrong ones does not load the database. What was found
 * before is searched always, so that a flood keeps nobody out who shares its network. It is in memory alone: hashes, no secret.
 */
export class SearchLimit {
  readonly #clock: Clock
  /** Searches that found nothing, by network. */
  readonly #failed = new Map<string, { since: number; count: number }>()
  /** Secrets that were found, by hash, with the time of it. */
  readonly #found = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether a secret from this network may be searched. */
  allows(network: string, secret: string): boolean {
    const found = this.#found.get(hashOf(secret))
    if (found !== undefined && this.#clock.now() - found < KNOWN_MS) return true
    const failed = this.#failed.get(network)
    return !failed || this.#clock.now() - failed.since >= MINUTE_MS || failed.count < UNKNOWN_PER_MINUTE
  }

  /** Notes what a search has found. */
  note(network: string, secret: string, found: boolean): void {
    const now = this.#clock.now()
    if (found) {
      keep(this.#found, hashOf(secret), now)
      return
    }
    // A session that has ended, or a token that was revoked, is one of those that are none.
    this.#found.delete(hashOf(secret))
    const failed = this.#failed.get(network)
    if (failed && now - failed.since < MINUTE_MS) failed.count += 1
    else keep(this.#failed, network, { since: now, count: 1 })
  }
}

/** Sets an entry as the youngest. */
function keep<Value>(map: Map<string, Value>, name: string, value: Value): void {
  map.delete(name)
  map.set(name, value)
  if (map.size > MOST) map.delete(map.keys().next().value!)
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64')
