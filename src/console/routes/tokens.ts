import { z } from 'zod'
import { listTokens } from '../../accounts/tokens.js'
import { ROLES } from '../../core/actor.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { refusals } from '../problem.js'

const time = z.iso.datetime()
const roles = z.array(z.enum(ROLES))

/** Tokens of the API. A program may only list them: a token that could add tokens would never end. */
export const addTokenRoutes: AddRoutes = (app, deps) => {
  app.get(
    '/tokens',
    {
      config: access('token.list'),
      schema: {
        summary: 'Lists the tokens that are not revoked, by name',
        response: {
          200: z.array(
            z.object({
              name: z.string(),
              roles,
              madeAt: time,
              madeBy: z.string(),
              expiresAt: time.nullable(),
            }),
          ),
          ...refusals,
        },
      },
    },
    () => listTokens(deps),
  )
}
