import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyPluginAsync } from 'fastify'
import type { Secret } from '../../core/secret.js'
import { bearerToken } from '../../lib/http/bearer.js'

/** Requests of programs about a call. */
export interface CallControl {
  /**
   * @param id the call's id, `CONSENTRY_CALL`
   * @returns `unknown` if there is no such call, `unrecorded` if nothing of it is being recorded
   */
  switchPause(id: string, to: 'pause' | 'resume'): Promise<'done' | 'unknown' | 'unrecorded'>
  /**
   * Has the caller of a call asked in the middle of the conversation.
   *
   * @param id the call's id, `CONSENTRY_CALL`
   */
  ask(
    id: string,
  ): 'asked' | 'unknown' | 'not-talking' | 'asking' | 'paused' | 'nothing-to-ask' | 'from-inside' | 'shed'
}

const REFUSALS = {
  unknown: { code: 404, error: 'no such call is under way' },
  unrecorded: { code: 409, error: 'nothing of this call is being recorded' },
  'not-talking': { code: 409, error: 'the person of this call talks with nobody now' },
  asking: { code: 409, error: 'the person of this call is being asked' },
  paused: { code: 409, error: 'the recordings of this call are paused' },
  'nothing-to-ask': { code: 409, error: 'there is nothing to ask: the line asks for nothing else' },
  'from-inside': { code: 409, error: 'this call came from a phone of the company, which is never asked' },
  shed: { code: 409, error: 'nobody is asked now, because calls are shed' },
} as const

/**
 * `POST /calls/:id/pause`, `/calls/:id/resume` and `/calls/:id/ask`, for programs with the token. Audio in a pause is
 * not kept. The answer to `ask` does not wait for the caller's answer.
 */
export const callRoutes: FastifyPluginAsync<{ calls: CallControl; token: Secret }> = async (
  app,
  { calls, token },
) => {
  app.addHook('onRequest', async (request, reply) => {
    if (hasToken(token, request.headers.authorization)) return
    return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'the token is not right' })
  })
  for (const to of ['pause', 'resume'] as const) {
    app.post<{ Params: { id: string } }>(`/calls/:id/${to}`, async ({ params: { id } }, reply) => {
      const outcome = await calls.switchPause(id, to)
      if (outcome === 'done') return { call: id, paused: to === 'pause' }
      const { code, error } = REFUSALS[outcome]
      return reply.code(code).send({ error })
    })
  }
  app.post<{ Params: { id: string } }>('/calls/:id/ask', async ({ params: { id } }, reply) => {
    const outcome = calls.ask(id)
    if (outcome === 'asked') return { call: id, asked: true }
    const { code, error } = REFUSALS[outcome]
    return reply.code(code).send({ error })
  })
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Whether an Authorization header has the token. The comparison takes the same time for all wrong tokens. */
function hasToken(token: Secret, header: string | undefined): boolean {
  const given = bearerToken(header)
  return given !== undefined && timingSafeEqual(digest(given), digest(token.reveal()))
}
