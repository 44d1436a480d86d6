import { z } from 'zod'
import { acceptByPasskey, beginAcceptanceByPasskey } from '../../accounts/accept-by-passkey.js'
import { beginPasskeyProof, proveByPasskey } from '../../accounts/passkey-proof.js'
import { beginPasskeySignIn, signInByPasskey } from '../../accounts/passkey-sign-in.js'
import { addPasskey, beginPasskey, listPasskeys, removePasskey } from '../../accounts/passkeys.js'
import { ROLES } from '../../core/actor.js'
import { Secret } from '../../core/secret.js'
import { WRITABLE_TEXT } from '../../core/texts.js'
import { access, visitAccess } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { personOf } from '../guard.js'
import { refusals } from '../problem.js'
import { creation, optionsOf, proof, registration, request as requestOptions } from './passkey-schemas.js'

const time = z.iso.datetime()
const typed = z.string().min(1).max(1024)
const name = z
  .string()
  .min(1)
  .max(64)
  .regex(WRITABLE_TEXT, 'must not hold control characters')
  .describe('The own word for the passkey')
const passkey = z.object({ id: z.uuid(), name: z.string(), madeAt: time, usedAt: time.nullable() })

/** Passkeys: signing in by one, and the own ones. */
export const addPasskeyRoutes: AddRoutes = (app, deps) => {
  addSignInRoutes(app, deps)
  addInvitationRoutes(app, deps)
  addListRoute(app, deps)
  addProofRoutes(app, deps)
  addChangeRoutes(app, deps)
}

/** Signing in by a passkey. */
const addSignInRoutes: AddRoutes = (app, deps) => {
  app.post(
    '/session/passkey/begin',
    {
      config: visitAccess('session.ask-passkey'),
      schema: {
        summary: 'Draws the challenge with which a passkey signs in',
        response: { 200: requestOptions, ...refusals },
      },
    },
    async () => optionsOf(await beginPasskeySignIn(deps)),
  )
  app.post(
    '/session/passkey',
    {
      config: access('session.open-passkey'),
      schema: {
        summary: 'Signs a person in by a passkey; the answer sets a cookie',
        body: z.strictObject({ response: proof }),
        response: {
          200: z.object({ name: z.string(), roles: z.array(z.enum(ROLES)), endsAt: time }),
          ...refusals,
        },
      },
    },
    async request => {
      const { body, ip, actor } = request
      const { secret, endsAt, ...signedIn } = await signInByPasskey(deps, {
        ...{ response: body.response, address: ip },
        ...(actor && 'session' in actor && { replaces: actor.session }),
      })
      request.actor = signedIn.actor
      request.sessionGiven = secret
      const { name, roles } = signedIn.actor
      return { name, roles: ROLES.filter(role => roles.includes(role)), endsAt: endsAt.toISOString() }
    },
  )
}

/** Accepting an invitation with a passkey. */
const addInvitationRoutes: AddRoutes = (app, deps) => {
  app.post(
    '/invitations/passkey/begin',
    {
      config: access('invitation.begin-passkey'),
      schema: {
        summary: 'Asks an invited person for a passkey',
        body: z.strictObject({ secret: typed.describe('What follows # in the link') }),
        response: { 200: creation, ...refusals },
      },
    },
    async ({ body }) => optionsOf(await beginAcceptanceByPasskey(deps, new Secret(body.secret))),
  )
  app.post(
    '/invitations/passkey/accept',
    {
      config: access('invitation.accept-passkey'),
      schema: {
        summary: 'Sets the passkey, and uses the link up',
        body: z.strictObject({ secret: typed, name, response: registration }),
        response: {
          201: z.object({ name: z.string(), recoveryCodes: z.array(z.string()).describe('Shown this once') }),
          ...refusals,
        },
      },
    },
    async ({ body: { secret, name, response } }) => {
      const accepted = await acceptByPasskey(deps, { link: new Secret(secret), name, response })
      return { name: accepted.name, recoveryCodes: accepted.recoveryCodes.reveal() }
    },
  )
}

/** The list of the own passkeys. */
const addListRoute: AddRoutes = (app, deps) => {
  app.get(
    '/me/passkeys',
    {
      config: access('me.list-passkeys'),
      schema: { summary: 'Lists the own passkeys', response: { 200: z.array(passkey), ...refusals } },
    },
    request => listPasskeys(deps, personOf(request)),
  )
}

/** Proving again who the requester is, by a passkey. */
const addProofRoutes: AddRoutes = (app, deps) => {
  app.post(
    '/me/proof/passkey/begin',
    {
      config: access('me.begin-passkey-proof'),
      schema: {
        summary: 'Draws the challenge for that',
        response: { 200: requestOptions, ...refusals },
      },
    },
    async request => optionsOf(await beginPasskeyProof(deps, personOf(request))),
  )
  app.post(
    '/me/proof/passkey',
    {
      config: access('me.prove-by-passkey'),
      schema: {
        summary: 'Proves again who the requester is, by an own passkey',
        body: z.strictObject({ response: proof }),
        response: { 200: z.object({ until: time }), ...refusals },
      },
    },
    async request => {
      const { body, ip: address } = request
      const until = await proveByPasskey(deps, {
        ...{ actor: personOf(request), response: body.response, address },
      })
      return { until: until.toISOString() }
    },
  )
}

/** Making and removing own passkeys. */
const addChangeRoutes: AddRoutes = (app, deps) => {
  app.post(
    '/me/passkeys/begin',
    {
      config: access('me.begin-passkey'),
      schema: {
        summary: 'Draws the challenge with which a new passkey is made',
        response: { 200: creation, ...refusals },
      },
    },
    async request => optionsOf(await beginPasskey(deps, personOf(request))),
  )
  app.post(
    '/me/passkeys',
    {
      config: access('me.add-passkey'),
      schema: {
        summary: 'Adds an own passkey',
        body: z.strictObject({ name, response: registration }),
        response: { 201: passkey, ...refusals },
      },
    },
    async request => addPasskey(deps, personOf(request), request.body),
  )
  app.delete(
    '/me/passkeys/:passkey',
    {
      config: access('me.remove-passkey'),
      schema: {
        summary: 'Removes an own passkey',
        params: z.object({ passkey: z.string().max(64) }),
        response: { 200: z.object({ removed: z.string() }), ...refusals },
      },
    },
    async request => {
      const { passkey } = request.params
      await removePasskey(deps, personOf(request), passkey)
      return { removed: passkey }
    },
  )
}
