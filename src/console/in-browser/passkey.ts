import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser'
import { isLedToSignIn } from './led-to-sign-in.js'

/** The console requires a fresh proof of identity. */
class ProofNeeded extends Error {}

/** The console cannot do it now. */
class NotNow extends Error {}

/** The session has ended, and the browser leaves for the sign-in page. */
class SessionEnded extends Error {}

/**
 * Sends JSON to the API.
 *
 * @throws ProofNeeded if a fresh proof is required
 * @throws SessionEnded if the session has ended
 * @throws NotNow if the console cannot do it now, with its message
 * @throws Error for a refusal
 */
async function send<T>(path: string, body?: object): Promise<T> {
  const answer = await fetch(`/api/v1${path}`, {
    method: 'POST',
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  if (path.startsWith('/me/') && isLedToSignIn(answer)) throw new SessionEnded()
  const content = (await answer.json()) as T & { detail?: string }
  if (answer.ok) return content
  if (answer.status === 403) throw new ProofNeeded()
  throw new (answer.status === 429 || answer.status >= 500 ? NotNow : Error)(content.detail)
}

const make = async (path: string, body?: object) =>
  startRegistration({ optionsJSON: await send<PublicKeyCredentialCreationOptionsJSON>(path, body) })
const prove = async (path: string) =>
  startAuthentication({ optionsJSON: await send<PublicKeyCredentialRequestOptionsJSON>(path) })

const valueIn = (form: HTMLFormElement, name: string): string | undefined =>
  form.querySelector<HTMLInputElement>(`[name="${name}"]`)?.value

/** Loads the page Me again, at the form that proves the identity. */
function reloadAtProof(): void {
  location.hash = 'confirm'
  location.reload()
}

/** The action of each form with a passkey. On success the browser leaves the page or loads it again. */
const deeds: Record<string, (form: HTMLFormElement) => Promise<void>> = {
  async 'sign-in'(form) {
    await send('/session/passkey', { response: await prove('/session/passkey/begin') })
    location.assign(valueIn(form, 'next') ?? '/now')
  },
  async add(form) {
    const response = await make('/me/passkeys/begin')
    await send('/me/passkeys', { name: valueIn(form, 'name'), response })
    location.reload()
  },
  async prove(form) {
    await send('/me/proof/passkey', { response: await prove('/me/proof/passkey/begin') })
    const next = valueIn(form, 'next')
    if (next) location.assign(next)
    else reloadAtProof()
  },
  async accept(form) {
    const secret = valueIn(form, 'secret')
    const response = await make('/invitations/passkey/begin', { secret })
    form.querySelector<HTMLInputElement>('[name=response]')!.value = JSON.stringify(response)
    // The answer is a page of its own, so that a reload keeps it.
    form.submit()
  },
}

/** Shows where passkeys work, if not here. Browsers make and use them for one origin only. */
const elsewhere = document.querySelector<HTMLElement>('[data-passkey-origin]')
const isElsewhere = elsewhere !== null && elsewhere.dataset['passkeyOrigin'] !== location.origin
if (isElsewhere && browserSupportsWebAuthn()) elsewhere.hidden = false

if (browserSupportsWebAuthn() && !isElsewhere)
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-passkey]')) {
    form.hidden = false
    const alert = form.querySelector<HTMLElement>('[role=alert]')
    const message = alert?.querySelector('span')
    const refused = message?.textContent ?? ''
    form.addEventListener('submit', event => {
      event.preventDefault()
      const button = form.querySelector('button')!
      button.disabled = true
      if (alert) alert.hidden = true
      deeds[form.dataset['passkey']!]!(form).catch(error => {
        if (error instanceof ProofNeeded) return reloadAtProof()
        if (error instanceof SessionEnded) return
        button.disabled = false
        if (message) message.textContent = error instanceof NotNow ? error.message : refused
        if (alert) alert.hidden = false
      })
    })
  }
