import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { beginAcceptance, completeAcceptance } from '../../operations/people/accept-invitation.js'
import { totpUri } from '../../operations/people/second-factor.js'
import { relyingParty } from '../../operations/people/webauthn.js'
import { codeOf } from '../../shared/errors.js'
import { Secret } from '../../shared/secret.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { pageFor, pageSchema } from './page.js'
import { Accepting, LinkForm, RecoveryCodes } from './sign-in/invitation-forms.js'

const typed = z.string().max(1024)
/** What the page has shown and the form repeats: a name, and a secret in base32. A QR code has room for them. */
const shown = { name: z.string().max(64), totp: z.string().regex(/^[A-Z2-7]{1,64}$/) }

/** Pages by which an invited person gets in: the link, passphrase and second factor, recovery codes. */
export const addInvitationPages: AddRoutes = (app, deps) => {
  const passkeys = relyingParty(deps.config) !== undefined
  const nextOf = (name: string) => (name === deps.firstUser?.invited ? 'setup' : 'sign-in')
  const linkPage = (
    request: FastifyRequest,
    {
      wrong,
      status = 200,
      secret,
    }: { wrong?: 'invalid' | 'openedAgain'; status?: number; secret?: string } = {},
  ) =>
    pageFor(request, ({ words }) => ({
      title: words.signIn.invitation.title,
      alone: true,
      status,
      scripts: wrong ? [] : ['invitation.js'],
      body: <LinkForm {...{ words, secret }} wrong={wrong && words.signIn.invitation[wrong]} />,
    }))
  const invalid = (request: FastifyRequest) => linkPage(request, { wrong: 'invalid', status: 401 })
  app.get(
    '/invitation',
    {
      config: access('invitation.ask', 'anyone'),
      schema: pageSchema('Where the link of an invitation leads'),
    },
    async request => linkPage(request),
  )
  app.post(
    '/invitation',
    {
      config: access('invitation.begin', 'anyone'),
      schema: {
        ...pageSchema('Says for whom a link is, and draws the second factor'),
        body: z.strictObject({ secret: typed }),
      },
    },
    async request => {
      // A whole link that was pasted has its secret behind `#`.
      const secret = request.body.secret.trim().replace(/^.*#/, '')
      try {
        const begun = await beginAcceptance(deps, new Secret(secret))
        return pageFor(request, ({ words }) => ({
          title: words.signIn.invitation.title,
          alone: true,
          scripts: ['passkey.js'],
          body: <Accepting {...{ words, secret, begun, passkeys }} next={nextOf(begun.name)} />,
        }))
      } catch (error) {
        if (codeOf(error) === 'sign-in.refused') return invalid(request)
        throw error
      }
    },
  )
  app.post(
    '/invitation/accept',
    {
      config: access('invitation.accept', 'anyone'),
      schema: {
        ...pageSchema('Sets passphrase and second factor, and uses the link up'),
        body: z.strictObject({
          ...{ secret: typed, ...shown },
          ...{ passphrase: typed, repeat: typed, code: typed },
        }),
      },
    },
    async request => {
      const { secret, totp, name, passphrase, repeat, code } = request.body
      // The page only repeats what it showed. Which secret counts is in the database.
      const begun = {
        name,
        totp: new Secret(totp),
        uri: new Secret(totpUri(totp, name)),
        optional: deps.config.secondFactor === 'optional',
      }
      const again = (why?: string) =>
        pageFor(request, ({ words }) => ({
          title: words.signIn.invitation.title,
          alone: true,
          status: 422,
          scripts: ['passkey.js'],
          body: (
            <Accepting
              {...{
                words,
                secret,
                begun,
                passkeys,
                next: nextOf(name),
                wrong: why === undefined ? words.signIn.invitation.different : words.problem.told(why),
              }}
            />
          ),
        }))
      if (passphrase !== repeat) return again()
      try {
        const accepted = await completeAcceptance(deps, {
          ...{ link: new Secret(secret), passphrase: new Secret(passphrase), shown: new Secret(totp) },
          ...(code.trim() && { code: new Secret(code.trim()) }),
        })
        return pageFor(request, ({ words }) => ({
          title: words.signIn.invitation.done,
          alone: true,
          body: (
            <RecoveryCodes
              words={words}
              codes={accepted.recoveryCodes.reveal()}
              next={nextOf(accepted.name)}
            />
          ),
        }))
      } catch (error) {
        if (codeOf(error) === 'sign-in.refused') return invalid(request)
        if (codeOf(error) === 'request.conflict')
          return linkPage(request, { wrong: 'openedAgain', status: 409, secret })
        if (codeOf(error) === 'request.invalid') return again((error as Error).message)
        throw error
      }
    },
  )
}
