import type { FastifyPluginAsync } from 'fastify'
import type { Secret } from '../shared/secret.js'
import { hasToken } from './api/bearer.js'

/** What a program may do to a call that is under way. */
export interface CallControl {
  /** @param id of the call, `CONSENTRY_CALL` */
  switchPause(id: string, to: 'pause' | 'resume'): Promise<'done' | 'unknown' | 'unrecorded'>
}

const REFUSALS = {
  unknown: { code: 404, error: 'no such call is under way' },
  unrecorded: { code: 409, error: 'nothing of this call is being recorded' },
} as const

/**
 * `POST /calls/:id/pause` and `/calls/:id/resume`, for whoever has the token: nothing that is said in between is kept.
 */
export const pauseRoutes: FastifyPluginAsync<{ calls: CallControl; token: Secret }> = async (
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
}
