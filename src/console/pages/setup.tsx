import { z } from 'zod'
import { beginAcceptance } from '../../operations/people/accept-invitation.js'
import { relyingParty } from '../../operations/people/webauthn.js'
import { codeOf } from '../../shared/errors.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { pageFor, pageSchema } from './page.js'
import { FirstUserForm } from './sign-in/first-user-form.js'
import { Accepting } from './sign-in/invitation-forms.js'

const typed = z.string().max(1024)

/** Pages by which the first person gets in, at the address that the console prints when it starts. */
export const addSetupPages: AddRoutes = (app, deps) => {
  const form = (request: Parameters<typeof pageFor>[0], wrong?: 'address' | 'name') =>
    pageFor(request, ({ words }) => ({
      title: words.setup.title,
      alone: true,
      status: wrong ? 422 : 200,
      scripts: ['invitation.js'],
      body: (
        <FirstUserForm
          words={words}
          secret={wrong === 'name' ? (request.body as { secret: string }).secret : ''}
          wrong={wrong && words.setup.wrong[wrong]}
        />
      ),
    }))
  app.get(
    '/setup',
    { config: access('setup.ask', 'anyone'), schema: pageSchema('Where the first address leads') },
    async request => form(request),
  )
  app.post(
    '/setup',
    {
      config: access('setup.begin', 'anyone'),
      schema: {
        ...pageSchema('Makes the first user'),
        body: z.strictObject({ secret: typed, name: typed }),
      },
    },
    async request => {
      const { secret, name } = request.body
      try {
        if (!deps.firstUser) return form(request, 'address')
        const invitation = await deps.firstUser.invite(deps, secret, name.trim())
        const begun = await beginAcceptance(deps, invitation.secret)
        return pageFor(request, ({ words }) => ({
          title: words.setup.title,
          alone: true,
          scripts: ['passkey.js'],
          body: (
            <Accepting
              {...{ words, begun }}
              secret={invitation.secret.reveal()}
              passkeys={relyingParty(deps.config) !== undefined}
            />
          ),
        }))
      } catch (error) {
        if (codeOf(error) === 'sign-in.refused') return form(request, 'address')
        if (codeOf(error) === 'request.invalid') return form(request, 'name')
        throw error
      }
    },
  )
}
