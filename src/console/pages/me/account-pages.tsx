import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { changePassphrase, renewRecoveryCodes } from '../../../accounts/own-account.js'
import { removePasskey } from '../../../accounts/passkeys.js'
import { prove } from '../../../accounts/proof.js'
import {
  beginSecondFactor,
  nextSecondFactor,
  replaceSecondFactor,
} from '../../../accounts/replace-second-factor.js'
import { revokeSession } from '../../../accounts/sessions.js'
import { codeOf, errorText } from '../../../core/errors.js'
import type { Message } from '../../../core/message.js'
import { Secret } from '../../../core/secret.js'
import { access } from '../../access.js'
import { Answer } from '../../answer.js'
import type { AddRoutes, App, ConsoleDeps } from '../../deps.js'
import { personOf } from '../../guard.js'
import { ShownSecrets } from '../../shown-secrets.js'
import { mePage } from '../me.js'
import { pageFor, pageSchema } from '../page.js'
import { RecoveryCodes } from '../sign-in/invitation-forms.js'
import { ownPath } from '../sign-in.js'
import { NextFactor } from './account-forms.js'

const typed = z.string().max(1024)
const nothing = z.strictObject({})

/** Changes of the visitor's credentials, and of the other sessions. */
export const addAccountPages: AddRoutes = (app, deps) => {
  const codes = new ShownSecrets<Secret<string[]>>(deps.clock)
  addPassphraseForms(app, deps)
  addFactorPages(app, deps)
  addCodesPages(app, deps, codes)
  addEndForms(app, deps)
}

/** The page of the second factor that is to replace the own one. @param wrong why its code was refused */
const factorPage = async (deps: ConsoleDeps, request: FastifyRequest, wrong?: Message) => {
  const begun = await nextSecondFactor(deps, personOf(request))
  return pageFor(request, ({ words }) => ({
    title: words.me.factorTitle,
    section: 'me',
    status: wrong === undefined ? 200 : 422,
    body: <NextFactor {...{ words, begun, wrong }} />,
  }))
}

/** The proof of the identity, and the change of the passphrase. */
const addPassphraseForms: AddRoutes = (app, deps) => {
  app.post(
    '/me/proof',
    {
      config: access('me.prove'),
      schema: {
        ...pageSchema('Proves again who the visitor is'),
        body: z.strictObject({ passphrase: typed, code: typed, next: typed.optional() }),
      },
    },
    async request => {
      const { passphrase, code, next } = request.body
      try {
        await prove(deps, {
          ...{ actor: personOf(request), passphrase: new Secret(passphrase), address: request.ip },
          ...(code.trim() && { code: new Secret(code.trim()) }),
        })
        return Answer.seeOther(next ? ownPath(next) : '/me#confirm')
      } catch (error) {
        if (codeOf(error) !== 'request.invalid') throw error
        return mePage(deps, request, { proof: errorText(error) }, next)
      }
    },
  )
  app.post(
    '/me/passphrase',
    {
      config: access('me.change-passphrase'),
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
        if (codeOf(error) !== 'request.invalid') throw error
        return mePage(deps, request, { passphrase: errorText(error) })
      }
    },
  )
}

/** The replacement of the second factor. */
const addFactorPages: AddRoutes = (app, deps) => {
  app.post(
    '/me/second-factor/begin',
    {
      config: access('me.begin-second-factor'),
      schema: { ...pageSchema('Draws a second factor to replace the own one'), body: nothing },
    },
    async request => {
      await beginSecondFactor(deps, personOf(request))
      return Answer.seeOther('/me/second-factor')
    },
  )
  app.get(
    '/me/second-factor',
    {
      config: access('me.show-second-factor'),
      schema: pageSchema('The second factor that is to replace the own one'),
    },
    async request => factorPage(deps, request),
  )
  app.post(
    '/me/second-factor',
    {
      config: access('me.change-second-factor'),
      schema: {
        ...pageSchema('Replaces the own second factor; all other sessions end'),
        body: z.strictObject({ code: typed }),
      },
    },
    async request => {
      try {
        await replaceSecondFactor(deps, personOf(request), new Secret(request.body.code))
        return Answer.seeOther('/me')
      } catch (error) {
        if (codeOf(error) !== 'request.invalid') throw error
        return factorPage(deps, request, errorText(error))
      }
    },
  )
}

/** New recovery codes. */
function addCodesPages(app: App, deps: ConsoleDeps, codes: ShownSecrets<Secret<string[]>>): void {
  app.post(
    '/me/recovery-codes',
    {
      config: access('me.renew-recovery-codes'),
      schema: { ...pageSchema('Replaces the own recovery codes; the old ones are void'), body: nothing },
    },
    async request => {
      const person = personOf(request)
      const made = await renewRecoveryCodes(deps, person)
      return Answer.seeOther(`/me/recovery-codes/${codes.keep(person, made)}`)
    },
  )
  app.get(
    '/me/recovery-codes/:made',
    {
      config: access('me.show-recovery-codes'),
      schema: {
        ...pageSchema('New recovery codes, once they are made'),
        params: z.object({ made: z.string().max(64) }),
      },
    },
    async request => {
      const made = codes.show(personOf(request), request.params.made)
      return pageFor(request, ({ words }) => ({
        title: words.me.codes,
        section: 'me',
        body: <RecoveryCodes words={words} codes={made.reveal()} next="me" />,
      }))
    },
  )
}

/** The end of a passkey or of a session. */
const addEndForms: AddRoutes = (app, deps) => {
  app.post(
    '/me/passkeys/:passkey/remove',
    {
      config: access('me.remove-passkey'),
      schema: {
        ...pageSchema('Removes an own passkey'),
        params: z.object({ passkey: z.string().max(64) }),
      },
    },
    async request => {
      try {
        await removePasskey(deps, personOf(request), request.params.passkey)
        return Answer.seeOther('/me')
      } catch (error) {
        if (codeOf(error) !== 'request.invalid') throw error
        return mePage(deps, request, { passkey: errorText(error) })
      }
    },
  )
  app.post(
    '/me/sessions/:session/end',
    {
      config: access('session.revoke'),
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
