import { z } from 'zod'
import { changePassphrase, renewRecoveryCodes } from '../../operations/people/own-account.js'
import { hasPassphrase, listPasskeys, removePasskey } from '../../operations/people/passkeys.js'
import { ownRules } from '../../operations/people/rules-overview.js'
import { listSessions, revokeSession } from '../../operations/people/sessions.js'
import { relyingParty } from '../../operations/people/webauthn.js'
import { ROLES } from '../../shared/actor.js'
import { codeOf } from '../../shared/errors.js'
import { Secret } from '../../shared/secret.js'
import { access, peopleAccess } from '../access.js'
import { Answer } from '../answer.js'
import { isSecure } from '../browser.js'
import type { AddRoutes } from '../deps.js'
import { personOf } from '../guard.js'
import { AccountForms, Sessions } from './me/account.js'
import { type OwnPasskeys, Passkeys } from './me/passkeys.js'
import { ViewForm } from './me/view-form.js'
import { pageFor, pageSchema } from './page.js'
import { OwnRulesSummary } from './rules/rules-content.js'
import { RecoveryCodes } from './sign-in/invitation-forms.js'
import { viewCookie, zoneOf } from './view.js'

const typed = z.string().max(1024)

/** What a person sets for themselves: language, theme, time zone, passphrase, recovery codes, sessions. */
export const addMePages: AddRoutes = (app, deps) => {
  const mePage = async (request: Parameters<typeof pageFor>[0], wrong?: string) => {
    const { actor } = request
    const person = actor && 'session' in actor ? actor : undefined
    const sessions = person && (await listSessions(deps, person))
    const own = person && (await ownRules(deps, person))
    const keys = person && {
      passkeys: relyingParty(deps.config) && (await listPasskeys(deps, person)),
      passphrase: await hasPassphrase(deps, person),
    }
    return pageFor(request, ({ words, view }) => ({
      title: words.me.title,
      section: 'me',
      scripts: ['passkey.js'],
      status: wrong === undefined ? 200 : 422,
      body: (
        <>
          <div class="head">
            <h1>{words.me.title}</h1>
          </div>
          <div class="stack">
            {sessions && <Sessions {...{ sessions, words, view }} />}
            {own && <OwnRulesSummary {...{ own, words, view }} />}
            <ViewForm words={words} view={view} />
            {keys && <Passkeys {...{ words, view }} own={keys} />}
            {keys && hasOnlyKeys(keys) && <p class="soft">{words.passkeys.alone}</p>}
            {keys && !hasOnlyKeys(keys) && <AccountForms words={words} wrong={wrong} />}
          </div>
        </>
      ),
    }))
  }
  app.get('/me', { config: access('me.read', ROLES), schema: pageSchema('The visitor') }, async request =>
    mePage(request),
  )
  app.post(
    '/me/view',
    {
      config: access('me.view', ROLES),
      schema: {
        ...pageSchema('Sets language, theme and time zone of the pages'),
        body: z.strictObject({
          language: z.enum(['ru', 'en']),
          theme: z.enum(['system', 'light', 'dark']),
          zone: z.string().max(64),
        }),
      },
    },
    async request => {
      const { language, theme, zone } = request.body
      const view = { language, theme: theme === 'system' ? undefined : theme, zone: zoneOf(zone) }
      return Answer.seeOther('/me', { 'set-cookie': viewCookie(view, isSecure(request, deps.config)) })
    },
  )
  app.post(
    '/me/passphrase',
    {
      config: peopleAccess('me.change-passphrase', ROLES),
      schema: {
        ...pageSchema('Changes the own passphrase; all other sessions end'),
        body: z.strictObject({ present: typed, wanted: typed }),
      },
    },
    async request => {
      const { body, ip: address } = request
      const own = { actor: personOf(request), passphrase: new Secret(body.present), address }
      try {
        await changePassphrase(deps, own, new Secret(body.wanted))
        return Answer.seeOther('/me')
      } catch (error) {
        if (codeOf(error) === 'request.invalid') return mePage(request, (error as Error).message)
        throw error
      }
    },
  )
  app.post(
    '/me/recovery-codes',
    {
      config: peopleAccess('me.renew-recovery-codes', ROLES),
      schema: {
        ...pageSchema('Replaces the own recovery codes; the old ones are void'),
        body: z.strictObject({ passphrase: typed }),
      },
    },
    async request => {
      const { body, ip: address } = request
      const own = { actor: personOf(request), passphrase: new Secret(body.passphrase), address }
      const codes = await renewRecoveryCodes(deps, own)
      return pageFor(request, ({ words }) => ({
        title: words.me.codes,
        section: 'me',
        body: <RecoveryCodes words={words} codes={codes.reveal()} />,
      }))
    },
  )
  app.post(
    '/me/passkeys/:passkey/remove',
    {
      config: peopleAccess('me.remove-passkey', ROLES),
      schema: {
        ...pageSchema('Removes an own passkey'),
        params: z.object({ passkey: z.string().max(64) }),
        body: z.strictObject({ passphrase: typed }),
      },
    },
    async request => {
      const { body, ip: address } = request
      const proof = { actor: personOf(request), passphrase: new Secret(body.passphrase), address }
      await removePasskey(deps, proof, request.params.passkey)
      return Answer.seeOther('/me')
    },
  )
  app.post(
    '/me/sessions/:session/end',
    {
      config: peopleAccess('session.revoke', ROLES),
      schema: {
        ...pageSchema('Ends one own session'),
        params: z.object({ session: z.string().max(64) }),
      },
    },
    async request => {
      await revokeSession(deps, personOf(request), request.params.session)
      return Answer.seeOther('/me')
    },
  )
}

/** Whether a passkey alone lets a person in. */
const hasOnlyKeys = ({ passkeys = [], passphrase }: OwnPasskeys): boolean =>
  !passphrase && passkeys.length > 0
