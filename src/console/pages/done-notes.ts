import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Clock } from '../../shared/clock.js'
import { Answer } from '../answer.js'
import { ShownSecrets } from '../shown-secrets.js'

/** The part of a page's query that names what to look at. */
export const doneQuery = { done: z.string().max(64).optional() }

/**
 * What to look at because of something that was done. The page that shows what was done shows it, too, for some minutes and to whoever did
 * it. So reloading that page does nothing again.
 */
export class DoneNotes {
  readonly #notes: ShownSecrets<readonly string[]>

  constructor(clock: Clock) {
    this.#notes = new ShownSecrets(clock)
  }

  /** Leads to the page of what was done. @param warnings texts for people; none: the page alone */
  leadTo(request: FastifyRequest, address: string, warnings: readonly string[]): Answer {
    if (warnings.length === 0) return Answer.seeOther(address)
    const done = this.#notes.keep(holderOf(request), warnings)
    const more = address.includes('?') ? '&' : '?'
    return Answer.seeOther(`${address}${more}${new URLSearchParams({ done })}`)
  }

  /** What a page shows. @param done of its query */
  of(request: FastifyRequest, done: string | undefined): readonly string[] {
    return (done !== undefined && this.#notes.find(holderOf(request), done)) || []
  }
}

/** A program has no session. Its token stands for it. */
const holderOf = ({ actor }: FastifyRequest): { session: string } =>
  'session' in actor! ? actor : { session: actor!.token }
