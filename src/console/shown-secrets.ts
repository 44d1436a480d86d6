import { randomUUID } from 'node:crypto'
import type { Clock } from '../core/clock.js'
import { AppError } from '../core/errors.js'

/** How long a secret is shown again after a reload, ms: time to copy it. */
const SHOWN_MS = 300_000
/** Most secrets at once. Only signed-in users and holders of a valid link make them. The oldest is dropped first. */
const MOST = 500

/** The holder that may see a secret again: a session, or a browser by its cookie. */
interface Holder {
  session: string
}

/**
 * Secrets that are shown after the request that made them, such as the link of an invitation. They are only in memory,
 * for the session that made them, so that a reload does not repeat the request. After a restart or some minutes they
 * can no longer be shown.
 */
export class ShownSecrets<Shown> {
  readonly #clock: Clock
  readonly #kept = new Map<string, { session: string; shown: Shown; until: number }>()

  /** @param shownMs how long a secret is shown, ms */
  constructor(
    clock: Clock,
    readonly shownMs = SHOWN_MS,
  ) {
    this.#clock = clock
  }

  /** Stores a secret. @returns the last part of its page's address */
  keep({ session }: Holder, shown: Shown): string {
    const now = this.#clock.now()
    for (const [id, { until }] of this.#kept)
      if (until <= now || this.#kept.size >= MOST) this.#kept.delete(id)
    const id = randomUUID()
    this.#kept.set(id, { session, shown, until: now + this.shownMs })
    return id
  }

  /** Finds a secret for the session that made it. Undefined for any other, and after its time. */
  find({ session }: Holder, id: string): Shown | undefined {
    const kept = this.#kept.get(id)
    return kept && kept.session === session && kept.until > this.#clock.now() ? kept.shown : undefined
  }

  /** Shows a secret to the session that made it. @throws AppError `not-found` for any other, and after its time */
  show(holder: Holder, id: string): Shown {
    const shown = this.find(holder, id)
    if (shown !== undefined) return shown
    throw new AppError(
      'not-found',
      'This was shown for 5 minutes, to the browser that asked for it: make a new one.',
    )
  }
}
