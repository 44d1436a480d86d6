import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Clock } from '../shared/clock.js'
import { Answer } from './answer.js'
import { isUnsafe } from './browser.js'

/** How long after an answer an equal request gets it again, ms. A double click takes at most half of it. */
const AGAIN_MS = 1_000

/** A form that is being carried out, or was answered. */
interface Known {
  /** A hash of address and body, so that no secret of a body is kept. */
  form: string
  answer: Promise<unknown>
  /** Until when the answer is given again, ms of the monotonic clock. */
  until: number
}

/**
 * Carries out one of several equal forms that a session sends one after the other at once, and gives its answer to all of them. A form is
 * equal if its address and all its fields are. So whoever clicks twice loses nothing of the answer, such as a link that is shown once. A
 * refusal is not given again, and nothing is after another form.
 */
export class EqualRequests {
  readonly #clock: Pick<Clock, 'elapsed'>
  /** The last form of each session. */
  readonly #last = new Map<string, Known>()

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock
  }

  /** @returns what `work` returns, or has returned for an equal request @throws what it throws */
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
