import { setTimeout as pause } from 'node:timers/promises'

/** A span of time, ms since the epoch. */
export interface Span {
  from: number
  to: number
}

/** Interval at which the service is asked, ms. */
const POLL_MS = 200

/** Notes when the service reports that it cannot take or record calls, or does not answer. */
export class Readiness {
  readonly spans: Span[] = []
  readonly #watching: Promise<void>
  #stopped = false

  constructor(isReady: () => Promise<boolean>, now: () => number) {
    this.#watching = this.#watch(isReady, now)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#watching
  }

  async #watch(isReady: () => Promise<boolean>, now: () => number): Promise<void> {
    for (let away: Span | undefined; !this.#stopped; await pause(POLL_MS)) {
      const asked = now()
      if (await isReady()) away = undefined
      else if (away) away.to = now()
      else {
        away = { from: asked - POLL_MS, to: now() }
        this.spans.push(away)
      }
    }
  }
}

/** Whether two spans overlap. */
export const overlap = (one: Span, other: Span): boolean => one.from <= other.to && other.from <= one.to
