// Real: the console and the command as processes, PostgreSQL. Fake: none.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { codeAt } from '../../../src/accounts/second-factor.js'
import { consoleKeyPath } from '../../../src/vault/console-key.js'
import { consentry } from '../../support/processes/command.js'
import { scratch, testDatabase } from '../../support/processes/database.js'
import { cookieValue } from '../../support/processes/people.js'
import { readConsoleLog } from '../../support/processes/service-log.js'

const { server } = await testDatabase(t)
const data = join(await scratch(t), 'data')
const env = { DATABASE_URL: server.url, CONSENTRY_DATA: data }
const consoleEnv = { ...env, CONSENTRY_CONSOLE: '127.0.0.1:0', DATABASE_CONSOLE_URL: server.consoleUrl }

t.test(
  'a person whom the command invites signs in to the console, until the command says otherwise',
  async t => {
    const log = readConsoleLog(t, consoleEnv)
    const { value } = await log.next()
    const send = (method: string, path: string, body: object | undefined, cookie?: string) =>
      fetch(`${value!.url}/api/v1${path}`, {
        method,
        headers: {
          ...(body && { 'content-type': 'application/json' }),
          ...(cookie && { cookie: `consentry=${cookie}`, origin: value!.url! }),
        },
        ...(body && { body: JSON.stringify(body) }),
      })
    const added = await consentry(env, 'user', 'add', 'maria', '--role', 'administrator', '--json')
    const secret = JSON.parse(added.out).link.split('#')[1]
    const begun = (await (await send('POST', '/invitations/begin', { secret })).json()) as { totp: string }
    const passphrase = 'eleven quiet herons'
    const code = codeAt(begun.totp, Date.now())
    const accepted = await send('POST', '/invitations/accept', { secret, passphrase, code })
    t.equal(accepted.status, 201)
    const { recoveryCodes } = (await accepted.json()) as { recoveryCodes: string[] }
    const signedIn = await send('POST', '/session', { name: 'maria', passphrase, code: recoveryCodes[0] })
    t.equal(signedIn.status, 200)
    const cookie = cookieValue(signedIn.headers.get('set-cookie'))
    const invite = { name: 'ivan', roles: ['auditor'] }
    t.equal(
      (await send('POST', '/users', invite, cookie)).status,
      201,
      'its own origin is that of its socket',
    )
    t.match(await consentry(env, 'user', 'disable', 'maria'), { code: 1, err: /last administrator/ })
    t.match(await consentry(env, 'user', 'reset', 'maria'), { code: 0 })
    t.equal((await send('GET', '/me', undefined, cookie)).status, 401, 'the next request is refused')
    const key = await readFile(consoleKeyPath(data), 'utf8')
    t.match(key, /^[\w+/]{43}=\n$/, 'the console has made its key')
  },
)
