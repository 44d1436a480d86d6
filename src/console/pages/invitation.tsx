import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { acceptByPasskey } from '../../accounts/accept-by-passkey.js'
import { someoneIsIn } from '../../accounts/first-user.js'
import {
  type Accepted,
  type BegunAcceptance,
  beginAcceptance,
  completeAcceptance,
} from '../../accounts/invitations.js'
import { totpUri } from '../../accounts/second-factor.js'
import { relyingParty } from '../../accounts/webauthn.js'
import { codeOf, errorText } from '../../core/errors.js'
import type { Message } from '../../core/message.js'
import { Secret } from '../../core/secret.js'
import { readCompany } from '../../lines/prompts/company.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import type { App, ConsoleDeps } from '../deps.js'
import { Refusal } from '../problem.js'
import { registration } from '../routes/passkey-schemas.js'
import { pageFor, pageSchema } from './page.js'
import { Accepting, LinkForm, RecoveryCodes, recoveryCodesTitle } from './sign-in/invitation-forms.js'
import { ShownToStrangers } from './sign-in/shown-to-strangers.js'

const typed = z.string().max(1024)
const ofShown = z.object({ made: z.string().max(64) })
/**
 * Values that the page has shown and the form repeats: a name, and a secret in base32 of a length that fits a QR code.
 */
const shown = { name: z.string().max(64), totp: z.string().regex(/^[A-Z2-7]{1,64}$/) }

/** How long a form with a second factor is shown again, ms: as long as the address of the first run is valid. */
const BEGUN_MS = 1_800_000

/** The content of the form for passphrase and second factor. */
interface BegunForm {
  secret: string
  begun: BegunAcceptance
}

/** The page after an accepted invitation. */
interface ShownCodes extends Pick<Accepted, 'name' | 'recoveryCodes'> {
  byPasskey: boolean
}

/** Leads a person with a valid link to the form for passphrase and second factor. */
export type LeadToForm = (request: FastifyRequest, link: Secret) => Promise<Answer>

/** Pages for an invited person: the link, passphrase and second factor, recovery codes. */
export function addInvitationPages(app: App, deps: ConsoleDeps): LeadToForm {
  const forms = new ShownToStrangers<BegunForm>(deps, BEGUN_MS)
  const codes = new ShownToStrangers<ShownCodes>(deps)
  const lead: LeadToForm = async (request, link) => {
    const begun = await beginAcceptance(deps, link)
    return forms.lead(request, '/invitation/begun', { secret: link.reveal(), begun })
  }
  addLinkPages(app, lead)
  addFormPage(app, deps, forms)
  addCodesPage(app, deps, codes)
  addAcceptForm(app, deps, codes)
  addPasskeyForm(app, deps, codes)
  return lead
}

/** Signs the browser in, and leads it to the recovery codes. */
const toCodes = (
  codes: ShownToStrangers<ShownCodes>,
  request: FastifyRequest,
  { signedIn, name, recoveryCodes }: Accepted,
  byPasskey: boolean,
): Answer => {
  if (signedIn) {
    request.actor = signedIn.actor
    request.sessionGiven = signedIn.secret
  }
  return codes.lead(request, '/invitation/codes', { name, recoveryCodes, byPasskey })
}

/** Where the invited person enters from, and the session that the new one replaces. */
const entering = ({ ip: address, actor }: FastifyRequest) => ({
  address,
  ...(actor && 'session' in actor && { replaces: actor.session }),
})

/** The origin at which passkeys work, if they are in use. */
const passkeyOrigin = (deps: ConsoleDeps) => relyingParty(deps.config)?.origin

/** True while the first person has not got in. */
const isFirstRun = async (deps: ConsoleDeps) => deps.firstUser !== undefined && !(await someoneIsIn(deps.db))

const isFirst = (deps: ConsoleDeps, name: string) => name === deps.firstUser?.invited

/** The first person continues with the next open step of the setup. A trial may do without a company. */
const nextOf = async (deps: ConsoleDeps, name: string) => {
  if (!isFirst(deps, name)) return 'now'
  return (await readCompany(deps)).name === undefined ? 'key' : 'company'
}

/** The page that takes a link. @param shown why the link was refused, and its secret if it can be used again */
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

/** The page that takes a link, and its form. */
function addLinkPages(app: App, lead: LeadToForm): void {
  app.get(
    '/invitation',
    {
      config: access('invitation.ask'),
      schema: pageSchema('Where the link of an invitation leads'),
    },
    async request => linkPage(request),
  )
  app.post(
    '/invitation',
    {
      config: access('invitation.begin'),
      schema: {
        ...pageSchema('Says for whom a link is, and draws the second factor'),
        body: z.strictObject({ secret: typed }),
      },
    },
    async request => {
      // A pasted link has its secret behind `#`.
      const secret = request.body.secret.trim().replace(/^.*#/, '')
      try {
        return await lead(request, new Secret(secret))
      } catch (error) {
        if (codeOf(error) === 'sign-in.refused') return invalid(request)
        throw error
      }
    },
  )
}

/** The page with the form for passphrase and second factor. */
function addFormPage(app: App, deps: ConsoleDeps, forms: ShownToStrangers<BegunForm>): void {
  app.get(
    '/invitation/begun/:made',
    {
      config: access('invitation.show'),
      schema: { ...pageSchema('The form for passphrase and second factor'), params: ofShown },
    },
    async request => {
      const shown = forms.show(request, request.params.made)
      if (!shown) return Answer.seeOther((await isFirstRun(deps)) ? '/setup' : '/invitation')
      const { secret, begun } = shown
      return pageFor(request, ({ words }) => ({
        title: isFirst(deps, begun.name) ? words.setup.title : words.signIn.invitation.title,
        alone: true,
        scripts: ['passkey.js'],
        body: <Accepting {...{ words, secret, begun, passkeys: passkeyOrigin(deps) }} />,
      }))
    },
  )
}

/** The page of the recovery codes. */
function addCodesPage(app: App, deps: ConsoleDeps, codes: ShownToStrangers<ShownCodes>): void {
  app.get(
    '/invitation/codes/:made',
    {
      config: access('invitation.show-recovery-codes'),
      schema: { ...pageSchema('Recovery codes, once an invitation was accepted'), params: ofShown },
    },
    async request => {
      const shown = codes.show(request, request.params.made)
      if (!shown)
        throw new Refusal(
          404,
          'Recovery codes are shown for 5 minutes, to the browser that asked for them: sign in, and make new ones under Me.',
        )
      const next = await nextOf(deps, shown.name)
      const shownCodes = shown.recoveryCodes.reveal()
      return pageFor(request, ({ words }) => ({
        title: recoveryCodesTitle(shownCodes, words),
        alone: true,
        body: (
          <RecoveryCodes
            {...{ words, codes: shownCodes, next }}
            hint={shown.byPasskey ? words.passkeys.codesHint : undefined}
          />
        ),
      }))
    },
  )
}

/** The form that sets passphrase and second factor. */
function addAcceptForm(app: App, deps: ConsoleDeps, codes: ShownToStrangers<ShownCodes>): void {
  app.post(
    '/invitation/accept',
    {
      config: access('invitation.accept'),
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
      // The page only repeats its values. The valid secret is in the database.
      const begun = {
        name,
        totp: new Secret(totp),
        uri: new Secret(totpUri(totp, name)),
        optional: deps.config.secondFactor === 'optional',
      }
      const again = (why?: Message) =>
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
                passkeys: passkeyOrigin(deps),
                wrong: why === undefined ? words.signIn.invitation.different : words.problem.inWords(why),
              }}
            />
          ),
        }))
      if (passphrase !== repeat) return again()
      try {
        const accepted = await completeAcceptance(deps, {
          ...{ link: new Secret(secret), passphrase: new Secret(passphrase), shown: new Secret(totp) },
          ...(code.trim() && { code: new Secret(code.trim()) }),
          enters: entering(request),
        })
        return toCodes(codes, request, accepted, false)
      } catch (error) {
        if (codeOf(error) === 'sign-in.refused') return invalid(request)
        if (codeOf(error) === 'request.conflict')
          return linkPage(request, { wrong: 'openedAgain', status: 409, secret })
        if (codeOf(error) === 'request.invalid') return again(errorText(error))
        throw error
      }
    },
  )
}

/** The form that sets a passkey. */
function addPasskeyForm(app: App, deps: ConsoleDeps, codes: ShownToStrangers<ShownCodes>): void {
  app.post(
    '/invitation/passkey',
    {
      config: access('invitation.accept-passkey'),
      schema: {
        ...pageSchema('Sets the passkey by which the invited person signs in, and uses the link up'),
        body: z.strictObject({
          ...{ secret: typed, name: z.string().max(64) },
          response: z
            .string()
            .transform(jsonOf)
            .pipe(registration)
            .describe('JSON, which the script fills in'),
        }),
      },
    },
    async request => {
      const { secret, name, response } = request.body
      try {
        const accepted = await acceptByPasskey(deps, {
          ...{ link: new Secret(secret), name, response },
          enters: entering(request),
        })
        return toCodes(codes, request, accepted, true)
      } catch (error) {
        if (codeOf(error) === 'sign-in.refused') return invalid(request)
        throw error
      }
    },
  )
}

/** The value that the script filled in. Invalid JSON is refused like an invalid registration. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
