import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Clock } from '../../core/clock.js'
import type { Message } from '../../core/message.js'
import { Answer } from '../answer.js'
import { ShownSecrets } from '../shown-secrets.js'

/** The part of a page's query that names the notes. */
export const doneQuery = { done: z.string().max(64).optional() }

/**
 * Notes about a completed action. The page of its result shows them for some minutes to the person who acted. So
 * reloading that page does not repeat the action.
 */
export class DoneNotes<Note = Message> {
  readonly #notes: ShownSecrets<readonly Note[]>

  constructor(clock: Clock) {
    this.#notes = new ShownSecrets(clock)
  }

  /** Redirects to the page of the result. @param warnings messages; empty: no notes */
  leadTo(request: FastifyRequest, address: string, warnings: readonly Note[]): Answer {
    if (warnings.length === 0) return Answer.seeOther(address)
    const done = this.#notes.keep(holderOf(request), warnings)
    const more = address.includes('?') ? '&' : '?'
    return Answer.seeOther(`${address}${more}${new URLSearchParams({ done })}`)
  }

  /** Finds the notes for a page. @param done of its query */
  of(request: FastifyRequest, done: string | undefined): readonly Note[] {
    return (done !== undefined && this.#notes.find(holderOf(request), done)) || []
  }
}

/** A program has no session, so its token identifies it. */
const holderOf = ({ actor }: FastifyRequest): { session: string } =>
  'session' in actor! ? actor : { session: actor!.token }
