import { z } from 'zod'
import { beginAcceptance, completeAcceptance } from '../../accounts/invitations.js'
import { changePassphrase, renewRecoveryCodes } from '../../accounts/own-account.js'
import { recoveryCodesLeft } from '../../accounts/recovery-codes.js'
import { ROLES } from '../../core/actor.js'
import { Secret } from '../../core/secret.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { personOf } from '../guard.js'
import { refusals } from '../problem.js'

const typed = z.string().min(1).max(1024)
const recoveryCodes = z.array(z.string()).describe('Shown this once; each stands in for a code once')

/** Credentials of people: set by the link of an invitation, and later by themselves. */
export const addAccountRoutes: AddRoutes = (app, deps) => {
  addInvitationRoutes(app, deps)
  addCredentialRoutes(app, deps)
}

/** Accepting an invitation. */
const addInvitationRoutes: AddRoutes = (app, deps) => {
  app.post(
    '/invitations/begin',
    {
      config: access('invitation.begin'),
      schema: {
        summary: 'Says for whom a link is, and draws the second factor',
        body: z.strictObject({ secret: typed.describe('What follows # in the link') }),
        response: {
          200: z.object({
            name: z.string(),
            roles: z.array(z.enum(ROLES)),
            uri: z.string().describe('For an authenticator app, as a QR code (otpauth:)'),
            totp: z.string().describe('The same secret to type, base32'),
            optional: z.boolean().describe('Whether the second factor may be left out'),
            expiresAt: z.iso.datetime(),
          }),
          ...refusals,
        },
      },
    },
    async ({ body }) => {
      const { uri, totp, expiresAt, ...begun } = await beginAcceptance(deps, new Secret(body.secret))
      return { ...begun, uri: uri.reveal(), totp: totp.reveal(), expiresAt: expiresAt.toISOString() }
    },
  )
  app.post(
    '/invitations/accept',
    {
      config: access('invitation.accept'),
      schema: {
        summary: 'Sets passphrase and second factor, and uses the link up',
        body: z.strictObject({ secret: typed, passphrase: typed, code: typed.optional() }),
        response: { 201: z.object({ name: z.string(), recoveryCodes }), ...refusals },
      },
    },
    async ({ body }) => {
      const accepted = await completeAcceptance(deps, {
        ...{ link: new Secret(body.secret), passphrase: new Secret(body.passphrase) },
        ...(body.code !== undefined && { code: new Secret(body.code) }),
      })
      return { name: accepted.name, recoveryCodes: accepted.recoveryCodes.reveal() }
    },
  )
}

/** Changing the own credentials. */
const addCredentialRoutes: AddRoutes = (app, deps) => {
  app.put(
    '/me/passphrase',
    {
      config: access('me.change-passphrase'),
      schema: {
        summary: 'Changes the own passphrase; all other sessions end',
        body: z.strictObject({ present: typed, wanted: typed }),
        response: { 200: z.object({ name: z.string() }), ...refusals },
      },
    },
    async request => {
      const { body, ip: address } = request
      const own = { actor: personOf(request), passphrase: new Secret(body.present), address }
      await changePassphrase(deps, own, new Secret(body.wanted))
      return { name: own.actor.name }
    },
  )
  app.get(
    '/me/recovery-codes',
    {
      config: access('me.count-recovery-codes'),
      schema: {
        summary: 'How many of the own recovery codes are left',
        response: { 200: z.object({ left: z.int() }), ...refusals },
      },
    },
    async request => ({ left: await recoveryCodesLeft(deps, personOf(request)) }),
  )
  app.post(
    '/me/recovery-codes',
    {
      config: access('me.renew-recovery-codes'),
      schema: {
        summary: 'Replaces the own recovery codes; the old ones are void',
        response: { 201: z.object({ recoveryCodes }), ...refusals },
      },
    },
    async request => ({ recoveryCodes: (await renewRecoveryCodes(deps, personOf(request))).reveal() }),
  )
}
