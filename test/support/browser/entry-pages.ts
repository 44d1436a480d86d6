import { inviteUser } from '../../../src/accounts/invitations.js'
import { codeAt } from '../../../src/accounts/second-factor.js'
import { person } from '../data/actors.js'
import type { TestConsole } from '../processes/console.js'
import { FORM } from '../processes/console-routes.js'

/** A page that is shown to one browser for some minutes. */
export interface ShownPage {
  address: string
  /** `name=value` of the cookie of that browser. */
  cookie: string
}

const PASSPHRASE = 'eleven quiet herons'

/** Invites people, and takes them as far as the form to which the link leads, and as the recovery codes. */
export async function entryPages({
  app,
  admin,
}: TestConsole): Promise<{ begun: ShownPage; codes: ShownPage }> {
  const post = async (url: string, form: Record<string, string>, cookie = ''): Promise<ShownPage> => {
    const { headers, body } = await app.inject({
      ...{ method: 'POST', url, headers: { ...FORM, 'sec-fetch-site': 'same-origin', cookie } },
      payload: new URLSearchParams(form).toString(),
    })
    if (!headers.location) throw new Error(body)
    return { address: headers.location, cookie: String(headers['set-cookie'] ?? cookie).split(';')[0]! }
  }
  const begin = async (name: string) => {
    const { secret } = await inviteUser(admin, person('anna'), { name, roles: ['auditor'] })
    return post('/invitation', { secret: secret.reveal() })
  }
  const { address, cookie } = await begin('vera')
  const { body } = await app.inject({ url: address, headers: { cookie } })
  const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(body)?.[1] ?? ''
  const [secret, totp, name] = [hidden('secret'), hidden('totp'), hidden('name')]
  const chosen = { passphrase: PASSPHRASE, repeat: PASSPHRASE, code: codeAt(totp, Date.now()) }
  const codes = await post('/invitation/accept', { secret, totp, name, ...chosen }, cookie)
  return { begun: await begin('ivan'), codes }
}
