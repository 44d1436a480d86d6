import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser'

/** The console asks first who it is. */
class ProofNeeded extends Error {}

/** Sends JSON to the API. @throws ProofNeeded for what needs a fresh proof @throws Error with what the console says */
async function send<T>(path: string, body?: object): Promise<T> {
  const answer = await fetch(`/api/v1${path}`, {
    method: 'POST',
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const told = (await answer.json()) as T & { detail?: string }
  if (!answer.ok) throw new (answer.status === 403 ? ProofNeeded : Error)(told.detail)
  return told
}

const make = async (path: string, body?: object) =>
  startRegistration({ optionsJSON: await send<PublicKeyCredentialCreationOptionsJSON>(path, body) })
const prove = async (path: string) =>
  startAuthentication({ optionsJSON: await send<PublicKeyCredentialRequestOptionsJSON>(path) })

const valueIn = (form: HTMLFormElement, name: string): string | undefined =>
  form.querySelector<HTMLInputElement>(`[name="${name}"]`)?.value

/** Loads the own page again, at the form that confirms who it is or at what it opens. */
function reloadAtProof(): void {
  location.hash = 'confirm'
  location.reload()
}

/** What each form with a passkey does. */
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
  async prove() {
    await send('/me/proof/passkey', { response: await prove('/me/proof/passkey/begin') })
    reloadAtProof()
  },
  async accept(form) {
    const secret = valueIn(form, 'secret')
    const response = await make('/invitations/passkey/begin', { secret })
    const { recoveryCodes } = await send<{ recoveryCodes: string[] }>('/invitations/passkey/accept', {
      ...{ secret, name: valueIn(form, 'name'), response },
    })
    showCodes(recoveryCodes)
  },
}

/** Shows the part of the page that is for afterwards, in place of all others. */
function showCodes(codes: readonly string[]): void {
  const done = document.getElementById('passkey-done')
  for (const other of document.querySelectorAll<HTMLElement>('main > :not(#passkey-done, .brand)'))
    other.remove()
  for (const code of codes) {
    const item = document.createElement('li')
    item.append(Object.assign(document.createElement('code'), { textContent: code }))
    done?.querySelector('ol')?.append(item)
  }
  done?.removeAttribute('hidden')
  done?.querySelector<HTMLElement>('h1')?.focus()
}

if (browserSupportsWebAuthn())
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-passkey]')) {
    form.hidden = false
    const alert = form.querySelector<HTMLElement>('[role=alert]')
    form.addEventListener('submit', event => {
      event.preventDefault()
      const button = form.querySelector('button')!
      button.disabled = true
      if (alert) alert.hidden = true
      deeds[form.dataset['passkey']!]!(form)
        .catch(error => {
          if (error instanceof ProofNeeded) reloadAtProof()
          else if (alert) alert.hidden = false
        })
        .finally(() => {
          button.disabled = false
        })
    })
  }
