import type { FastifyRequest } from 'fastify'
import { newSecret } from '../../../accounts/secrets.js'
import { codeOf } from '../../../core/errors.js'
import { Answer } from '../../answer.js'
import { giveShownCookie, shownCookie } from '../../browser.js'
import type { ConsoleDeps } from '../../deps.js'
import { ShownSecrets } from '../../shown-secrets.js'

/**
 * Secrets that are shown before sign-in, after an accepted form. The browser that sent the form gets a cookie, with
 * which a reload shows them again.
 */
export class ShownToStrangers<Shown> {
  readonly #secrets: ShownSecrets<Shown>

  /** @param shownMs how long they are shown, ms */
  constructor(
    private readonly deps: Pick<ConsoleDeps, 'clock' | 'config'>,
    shownMs?: number,
  ) {
    this.#secrets = new ShownSecrets(deps.clock, shownMs)
  }

  /** Stores a secret, and leads the browser to its page. @param page the address without its last part */
  lead(request: FastifyRequest, page: string, shown: Shown): Answer {
    const { config } = this.deps
    const session = shownCookie(request, config) ?? newSecret().reveal()
    const id = this.#secrets.keep({ session }, shown)
    const cookie = giveShownCookie(request, config, session, this.#secrets.shownMs)
    return Answer.seeOther(`${page}/${id}`, { 'set-cookie': cookie })
  }

  /** Finds a secret. @returns undefined if another browser made it, or its time is over */
  show(request: FastifyRequest, id: string): Shown | undefined {
    const session = shownCookie(request, this.deps.config)
    if (session === undefined) return undefined
    try {
      return this.#secrets.show({ session }, id)
    } catch (error) {
      if (codeOf(error) === 'not-found') return undefined
      throw error
    }
  }
}
