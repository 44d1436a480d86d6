import { z } from 'zod'
import { prove } from '../../accounts/proof.js'
import {
  beginSecondFactor,
  nextSecondFactor,
  replaceSecondFactor,
} from '../../accounts/replace-second-factor.js'
import { Secret } from '../../core/secret.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { personOf } from '../guard.js'
import { refusals } from '../problem.js'

const typed = z.string().min(1).max(1024)

/** Proving the identity again, and replacing the own second factor. */
export const addProofRoutes: AddRoutes = (app, deps) => {
  addIdentityRoute(app, deps)
  addSecondFactorRoutes(app, deps)
}

/** Proving the identity again. */
const addIdentityRoute: AddRoutes = (app, deps) => {
  app.post(
    '/me/proof',
    {
      config: access('me.prove'),
      schema: {
        summary: 'Proves again who the requester is, for 5 minutes',
        body: z.strictObject({
          passphrase: typed,
          code: typed.optional().describe('Of the second factor, or a recovery code'),
        }),
        response: { 200: z.object({ until: z.iso.datetime() }), ...refusals },
      },
    },
    async request => {
      const { body, ip: address } = request
      const until = await prove(deps, {
        ...{ actor: personOf(request), passphrase: new Secret(body.passphrase), address },
        ...(body.code !== undefined && { code: new Secret(body.code) }),
      })
      return { until: until.toISOString() }
    },
  )
}

/** Replacing the own second factor. */
const addSecondFactorRoutes: AddRoutes = (app, deps) => {
  app.post(
    '/me/second-factor',
    {
      config: access('me.begin-second-factor'),
      schema: {
        summary: 'Draws a second factor',
        response: {
          200: z.object({
            uri: z.string().describe('For an authenticator app, as a QR code (otpauth:)'),
            totp: z.string().describe('The same secret to type, base32'),
          }),
          ...refusals,
        },
      },
    },
    async request => {
      const person = personOf(request)
      await beginSecondFactor(deps, person)
      const { uri, totp } = await nextSecondFactor(deps, person)
      return { uri: uri.reveal(), totp: totp.reveal() }
    },
  )
  app.put(
    '/me/second-factor',
    {
      config: access('me.change-second-factor'),
      schema: {
        summary: 'Replaces the own second factor by that; all other sessions end',
        body: z.strictObject({ code: typed.describe('Of the new one') }),
        response: { 200: z.object({ name: z.string() }), ...refusals },
      },
    },
    async request => {
      const person = personOf(request)
      await replaceSecondFactor(deps, person, new Secret(request.body.code))
      return { name: person.name }
    },
  )
}
