import { z } from 'zod'
import { TooManyAttempts } from '../../accounts/attempts.js'
import { someoneIsIn } from '../../accounts/first-user.js'
import { signOut } from '../../accounts/sessions.js'
import { signIn } from '../../accounts/sign-in.js'
import { relyingParty } from '../../accounts/webauthn.js'
import { codeOf } from '../../core/errors.js'
import { Secret } from '../../core/secret.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import type { AddRoutes, ConsoleDeps } from '../deps.js'
import { personOf } from '../guard.js'
import { pageFor, pageSchema } from './page.js'
import { PasskeySignIn } from './sign-in/passkey-forms.js'
import { SignInForm } from './sign-in/sign-in-form.js'
import type { Words } from './words/words.js'

/** The limits are wide: an overlong value is refused like a wrong one. */
const typed = z.string().max(1024)

/** Pages to sign in and out. */
export const addSignInPages: AddRoutes = (app, deps) => {
  addFormPage(app, deps)
  addSignInForms(app, deps)
}

/** The form, and the button of a passkey if passkeys are in use. */
const signInPage = (
  deps: ConsoleDeps,
  words: Words,
  next: string,
  form: { name?: string; wrong?: string; ended?: boolean; hasNoUsers?: boolean },
) => {
  const party = relyingParty(deps.config)
  return {
    scripts: ['passkey.js'],
    body: (
      <>
        <SignInForm words={words} next={next} {...form} />
        {party && <PasskeySignIn words={words} next={next} origin={party.origin} />}
      </>
    ),
  }
}

/** The page to sign in. */
const addFormPage: AddRoutes = (app, deps) => {
  app.get(
    '/sign-in',
    {
      config: access('session.ask'),
      schema: {
        ...pageSchema('The form to sign in'),
        querystring: z.object({ next: typed.optional(), ended: z.literal('yes').optional() }),
      },
    },
    async request => {
      const { next, ended } = request.query
      const hasNoUsers = !(await someoneIsIn(deps.db))
      return pageFor(request, ({ words }) => ({
        title: words.signIn.title,
        alone: true,
        ...signInPage(deps, words, ownPath(next), { ended: ended === 'yes', hasNoUsers }),
      }))
    },
  )
}

/** The forms that sign in and out. */
const addSignInForms: AddRoutes = (app, deps) => {
  app.post(
    '/sign-in',
    {
      config: access('session.open'),
      schema: {
        ...pageSchema('Signs a person in'),
        body: z.strictObject({ next: typed, name: typed, passphrase: typed, code: typed }),
      },
    },
    async request => {
      const { body, ip, actor } = request
      const next = ownPath(body.next)
      try {
        const { secret, ...signedIn } = await signIn(deps, {
          ...{ name: body.name, passphrase: new Secret(body.passphrase), address: ip },
          ...(body.code.trim() && { code: new Secret(body.code.trim()) }),
          ...(actor && 'session' in actor && { replaces: actor.session }),
        })
        request.actor = signedIn.actor
        request.sessionGiven = secret
        return Answer.seeOther(next)
      } catch (error) {
        const status = { 'sign-in.refused': 401, 'sign-in.limited': 429, 'sign-in.busy': 503 }[
          codeOf(error) as string
        ]
        if (!status) throw error
        return pageFor(request, ({ words }) => ({
          title: words.signIn.title,
          alone: true,
          status,
          ...signInPage(deps, words, next, { name: body.name, wrong: whyNot(error, words) }),
          ...(error instanceof TooManyAttempts && {
            headers: { 'retry-after': String(error.retryAfterS) },
          }),
        }))
      }
    },
  )
  app.post('/sign-out', { config: access('session.end'), schema: pageSchema('Signs out') }, async request => {
    await signOut(deps, personOf(request))
    request.sessionGiven = null
    return Answer.seeOther('/sign-in')
  })
}

function whyNot(error: unknown, { signIn }: Words): string {
  if (error instanceof TooManyAttempts) return signIn.limited(error.retryAfterS)
  return codeOf(error) === 'sign-in.busy' ? signIn.busy : signIn.wrong
}

/** A path of the console itself. Anything else, such as another site, becomes the first page. */
export const ownPath = (path: string | undefined): string =>
  path !== undefined && /^\/(?![/\\])[\w\-/?=&%.+*#~]*$/.test(path) ? path : '/now'
