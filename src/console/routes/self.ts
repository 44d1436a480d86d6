import { z } from 'zod'
import { ROLES } from '../../core/actor.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { refusals } from '../problem.js'

/** Facts about the requester, and about the API itself. */
export const addSelfRoutes: AddRoutes = app => {
  app.get(
    '/me',
    {
      config: access('me.read'),
      schema: {
        summary: 'Who the requester is, and with which roles',
        response: { 200: z.object({ name: z.string(), roles: z.array(z.enum(ROLES)) }), ...refusals },
      },
    },
    async ({ actor }) => ({
      name: actor!.name,
      roles: ROLES.filter(role => actor!.roles.includes(role)),
    }),
  )
  app.get(
    '/openapi.json',
    {
      config: access('api.read'),
      schema: {
        summary: 'This description of the API (OpenAPI 3.1)',
        response: { 200: z.looseObject({ openapi: z.string() }), ...refusals },
      },
    },
    async () => app.swagger() as { openapi: string },
  )
}
