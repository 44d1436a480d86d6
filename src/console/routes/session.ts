import { z } from 'zod'
import { endOtherSessions, listSessions, revokeSession, signOut } from '../../accounts/sessions.js'
import { signIn } from '../../accounts/sign-in.js'
import { ROLES } from '../../core/actor.js'
import { Secret } from '../../core/secret.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { personOf } from '../guard.js'
import { refusals } from '../problem.js'

const time = z.iso.datetime()
/** The limits are wide: an overlong value is refused like a wrong one. */
const typed = z.string().min(1).max(1024)

const session = z.object({
  id: z.uuid(),
  user: z.string(),
  address: z.string(),
  signedInAt: time,
  seenAt: time,
  endsAt: time,
  own: z.boolean(),
})

/** Signing in and out, and the sessions of people. */
export const addSessionRoutes: AddRoutes = (app, deps) => {
  addSignInRoutes(app, deps)
  addSessionListRoutes(app, deps)
}

/** Signing in and out. */
const addSignInRoutes: AddRoutes = (app, deps) => {
  app.post(
    '/session',
    {
      config: access('session.open'),
      schema: {
        summary: 'Signs a person in; the answer sets a cookie',
        body: z.strictObject({
          name: typed,
          passphrase: z
            .string()
            .max(1024)
            .describe('Empty for whoever has a passkey alone, with a recovery code'),
          code: typed.optional().describe('Of the second factor, or a recovery code'),
        }),
        response: {
          200: z.object({ name: z.string(), roles: z.array(z.enum(ROLES)), endsAt: time }),
          ...refusals,
        },
      },
    },
    async request => {
      const { body, ip, actor } = request
      const { secret, endsAt, ...signedIn } = await signIn(deps, {
        ...{ name: body.name, passphrase: new Secret(body.passphrase), address: ip },
        ...(body.code !== undefined && { code: new Secret(body.code) }),
        ...(actor && 'session' in actor && { replaces: actor.session }),
      })
      request.actor = signedIn.actor
      request.sessionGiven = secret
      const { name, roles } = signedIn.actor
      return { name, roles: ROLES.filter(role => roles.includes(role)), endsAt: endsAt.toISOString() }
    },
  )
  app.delete(
    '/session',
    {
      config: access('session.end'),
      schema: {
        summary: 'Signs out',
        response: { 200: z.object({ ended: z.int() }), ...refusals },
      },
    },
    async request => {
      await signOut(deps, personOf(request))
      request.sessionGiven = null
      return { ended: 1 }
    },
  )
}

/** Listing sessions, and ending them from another one. */
const addSessionListRoutes: AddRoutes = (app, deps) => {
  app.get(
    '/sessions',
    {
      config: access('session.list'),
      schema: {
        summary: 'Lists the own sessions; for an administrator, those of any user',
        querystring: z.strictObject({ user: typed.optional() }),
        response: { 200: z.array(session), ...refusals },
      },
    },
    request => listSessions(deps, personOf(request), request.query.user),
  )
  app.delete(
    '/sessions',
    {
      config: access('session.end-others'),
      schema: {
        summary: 'Ends all own sessions but the present one',
        response: { 200: z.object({ ended: z.int() }), ...refusals },
      },
    },
    async request => ({ ended: await endOtherSessions(deps, personOf(request)) }),
  )
  app.delete(
    '/sessions/:session',
    {
      config: access('session.revoke'),
      schema: {
        summary: 'Ends one session: an own one, or for an administrator any',
        params: z.object({ session: z.string().max(64) }),
        response: { 200: z.object({ ended: z.int() }), ...refusals },
      },
    },
    async request => {
      await revokeSession(deps, personOf(request), request.params.session)
      return { ended: 1 }
    },
  )
}
