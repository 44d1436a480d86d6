import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Clock } from '../core/clock.js'
import { Answer } from './answer.js'
import { isUnsafe } from './browser.js'

/** How long an answer is repeated for an equal request, ms. A double click takes at most half of it. */
const AGAIN_MS = 1_000

/** A form in progress, or an answered one. */
interface Known {
  /** A hash of address and body. It keeps no secret of the body. */
  form: string
  answer: Promise<unknown>
  /** When the answer stops being repeated, ms of the monotonic clock. */
  until: number
}

/**
 * Runs one of several equal forms that a session sends in quick succession, and gives all of them its answer. Forms are
 * equal if their addresses and all fields are. So a double click does not lose an answer that is shown once, such as a
 * link. A refusal is not repeated. Another form of the session in between ends the repetition.
 */
export class EqualRequests {
  readonly #clock: Pick<Clock, 'elapsed'>
  /** The last form of each session. */
  readonly #last = new Map<string, Known>()

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock
  }

  /** Returns what `work` returns, or has returned for an equal request. @throws what `work` throws */
  async once(request: FastifyRequest, work: () => unknown): Promise<unknown> {
    const { actor, url, body } = request
    if (!actor || !('session' in actor) || !isUnsafe(request) || url.startsWith('/api/')) return work()
    const now = this.#clock.elapsed()
    for (const [session, { until }] of this.#last) if (until <= now) this.#last.delete(session)
    const form = createHash('sha256')
      .update(JSON.stringify([url, body ?? null]))
      .digest('base64')
    const before = this.#last.get(actor.session)
    if (before?.form === form) return before.answer
    const known: Known = { form, answer: (async () => work())(), until: Infinity }
    this.#last.set(actor.session, known)
    let again = false
    try {
      const answer = await known.answer
      again = answer instanceof Answer && answer.status < 400
      return answer
    } finally {
      known.until = again ? this.#clock.elapsed() + AGAIN_MS : 0
    }
  }
}
