import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { hasPassphrase, listPasskeys } from '../../accounts/passkeys.js'
import { provenUntil } from '../../accounts/proof.js'
import { ownRules } from '../../accounts/rules.js'
import { listSessions } from '../../accounts/sessions.js'
import { relyingParty } from '../../accounts/webauthn.js'
import type { Message } from '../../core/message.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import { isSecure } from '../browser.js'
import type { AddRoutes, ConsoleDeps } from '../deps.js'
import { PassphraseForm, ProofForm, RecoveryCodesForm, SecondFactorForm } from './me/account-forms.js'
import { addAccountPages } from './me/account-pages.js'
import { Passkeys } from './me/passkeys.js'
import { Sessions } from './me/sessions.js'
import { ViewForm } from './me/view-form.js'
import { pageFor, pageSchema } from './page.js'
import { OwnRulesSummary } from './rules/rules-content.js'
import { ownPath } from './sign-in.js'
import { viewCookie, viewOf } from './view.js'
import { zoneOf } from './zone.js'

/** Why a form of the page was refused. */
export interface WrongForm {
  proof?: Message
  passphrase?: Message
  passkey?: Message
}

/** The visitor's page: sessions, appearance of pages, and credentials. Credentials are changed after a fresh proof. @param next the page that needs the proof */
export async function mePage(
  deps: ConsoleDeps,
  request: FastifyRequest,
  wrong?: WrongForm,
  next?: string,
): Promise<Answer> {
  const { actor } = request
  const person = actor && 'session' in actor ? actor : undefined
  const sessions = person && (await listSessions(deps, person))
  const proven = person && (await provenUntil(deps, person))
  const own = person && (await ownRules(deps, person))
  const passkeys = person && (await listPasskeys(deps, person))
  const party = relyingParty(deps.config)
  const factors = passkeys && {
    passkeys: party && passkeys,
    origin: party?.origin,
    passphrase: passkeys.length === 0 || (await hasPassphrase(deps, person)),
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
          {sessions && <Sessions {...{ sessions, words, view }} mayEnd={proven !== undefined} />}
          {own && <OwnRulesSummary {...{ own, words, view }} />}
          <ViewForm words={words} view={view} />
          {factors && (
            <div class="stack" id="confirm">
              {!proven && (
                <ProofForm {...{ words, factors }} wrong={wrong?.proof} next={next && ownPath(next)} />
              )}
              {proven && factors.passphrase && (
                <>
                  <PassphraseForm words={words} wrong={wrong?.passphrase} />
                  <SecondFactorForm words={words} />
                </>
              )}
              <Passkeys
                {...{ factors, words, view }}
                mayChange={proven !== undefined}
                wrong={wrong?.passkey}
              />
              {proven && <RecoveryCodesForm words={words} />}
            </div>
          )}
        </div>
      </>
    ),
  }))
}

/** Settings of the own account: language, theme, time zone, passphrase, second factor, recovery codes, sessions. */
export const addMePages: AddRoutes = (app, deps) => {
  app.get(
    '/me',
    {
      config: access('me.read'),
      schema: {
        ...pageSchema('The visitor'),
        querystring: z.object({ next: z.string().max(1024).optional() }),
      },
    },
    async request => mePage(deps, request, undefined, request.query.next),
  )
  app.post(
    '/me/view',
    {
      config: access('me.view'),
      schema: {
        ...pageSchema('Sets language, theme and time zone of the pages'),
        body: z.strictObject({
          language: z.enum(['browser', 'ru', 'en']),
          theme: z.enum(['system', 'light', 'dark']),
          zone: z.string().max(64),
        }),
      },
    },
    async request => {
      const { language, theme, zone } = request.body
      const view = {
        ...(language === 'browser' ? viewOf(request) : { language }),
        isChosen: language !== 'browser',
        ...{ theme: theme === 'system' ? undefined : theme, zone: zoneOf(zone) },
      }
      return Answer.seeOther('/me', { 'set-cookie': viewCookie(view, isSecure(request, deps.config)) })
    },
  )
  addAccountPages(app, deps)
}
