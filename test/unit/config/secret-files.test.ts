// Real: the parser of the settings, files. Fake: the environment.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { consoleSettings, readConfig } from '../../../src/config/config.js'
import { readOwner } from '../../../src/config/read-owner.js'
import { configFault, pbx } from '../../support/data/config.js'

const dir = t.testdir({})
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text)
  return join(dir, name)
}

t.test('each secret may be in a file that a variable names', async t => {
  const { ARI_PASSWORD: _, ...others } = pbx
  const config = readConfig({
    ...others,
    ARI_PASSWORD_FILE: file('ari', 'hush\n'),
    DATABASE_URL_FILE: file('service', 'postgres://a:b@127.0.0.1/c\r\n'),
    DATABASE_CONSOLE_URL_FILE: file('console', 'postgres://d:e@127.0.0.1/c'),
    CONSENTRY_API_TOKEN_FILE: file('token', 'a-token-of-some-length'),
  })
  t.equal(config.ari.password.reveal(), 'hush')
  t.equal(config.database.url?.reveal(), 'postgres://a:b@127.0.0.1/c')
  t.equal(config.database.consoleUrl?.reveal(), 'postgres://d:e@127.0.0.1/c')
  t.equal(config.apiToken?.reveal(), 'a-token-of-some-length')
  t.strictSame(config.unknownNames, [])
})

t.test('a file that cannot be taken is named, and what it holds is not', async t => {
  const large = file('large', 'secret-word'.repeat(1_000))
  for (const [settings, why] of [
    [{ DATABASE_URL_FILE: join(dir, 'none') }, /DATABASE_URL_FILE: .*none cannot be read: ENOENT/],
    [{ DATABASE_URL_FILE: file('empty', '\n') }, /DATABASE_URL_FILE: .*it is empty/],
    [{ DATABASE_URL_FILE: large }, /more than 4096 bytes/],
    [{ DATABASE_URL_FILE: file('wrong', 'mysql://secret-word') }, /DATABASE_URL: give postgres:/],
    [{ ARI_PASSWORD_FILE: file('twice', 'secret-word') }, /ARI_PASSWORD, ARI_PASSWORD_FILE: give one/],
  ] as [Record<string, string>, RegExp][]) {
    const fault = configFault({ ...pbx, ...settings })
    t.match(fault, why)
    t.notMatch(fault, 'secret-word')
  }
})

t.test("the owner's URL may be in a file, and those of the roles", async t => {
  const owner = readOwner({
    DATABASE_ADMIN_URL_FILE: file('owner', 'postgres://o:secret-word@127.0.0.1/c\n'),
    DATABASE_URL_FILE: file('role', 'postgres://a:b@127.0.0.1/c'),
    DATABASE_CONSOLE_URL: 'postgres://d:e@127.0.0.1/c',
    ARI_PASSWORD_FILE: join(dir, 'none'),
  })
  t.equal(owner.adminUrl.reveal(), 'postgres://o:secret-word@127.0.0.1/c')
  t.match(owner, { service: 'a', console: 'd' })
  t.throws(
    () => readOwner({ DATABASE_ADMIN_URL_FILE: join(dir, 'none') }),
    /DATABASE_ADMIN_URL_FILE: .*ENOENT/,
  )
})

t.test('the console gets its own file only', async t => {
  const env = { DATABASE_URL_FILE: '/a', DATABASE_CONSOLE_URL_FILE: '/b', ARI_PASSWORD_FILE: '/c' }
  t.strictSame(consoleSettings(env), { DATABASE_CONSOLE_URL_FILE: '/b' })
})

t.test('ARI on another host needs HTTPS, or a network that is said to be trusted', async t => {
  const refused = (ARI_URL: string) => configFault({ ...pbx, ARI_URL })
  for (const url of [
    'http://pbx:8088',
    'http://10.0.0.5:8088',
    'http://127.example:8088',
    'http://[2001:db8::1]:8088',
  ])
    t.match(refused(url), /ARI_URL: another host .*give https:.*CONSENTRY_ARI_NETWORK=trusted/, url)
  for (const url of [
    'http://localhost:8088',
    'http://127.0.0.2:8088',
    'http://[::1]:8088',
    'https://pbx:8089',
  ])
    t.equal(readConfig({ ...pbx, ARI_URL: url }).ari.url, url)
  const trusted = { ...pbx, ARI_URL: 'http://pbx:8088', CONSENTRY_ARI_NETWORK: 'trusted' }
  t.equal(readConfig(trusted).ari.url, 'http://pbx:8088')
  t.equal(
    readConfig({ ARI_URL: 'http://pbx:8088' }, 'tool').ari.url,
    'http://pbx:8088',
    'a command asks nothing of ARI',
  )
})

t.test(
  'the migration reads the URL of the owner from a file, and names a file that it cannot take',
  async t => {
    const adminUrl = file('owner', 'postgres://owner:secret-word@127.0.0.1/c\n')
    const owner = readOwner({ DATABASE_ADMIN_URL_FILE: adminUrl, DATABASE_URL: 'postgres://consentry:x@h/d' })
    t.equal(owner.adminUrl.reveal(), 'postgres://owner:secret-word@127.0.0.1/c')
    t.match(owner, { service: 'consentry', console: undefined })
    t.throws(() => readOwner({ DATABASE_ADMIN_URL_FILE: join(dir, 'none') }), {
      code: 'config.invalid',
      message: /DATABASE_ADMIN_URL_FILE: .*none cannot be read: ENOENT/,
    })
    t.equal(readOwner({ DATABASE_ADMIN_URL: 'postgres://o@h/d', DATABASE_URL_FILE: '' }).service, undefined)
    t.throws(() => readOwner({}), /DATABASE_ADMIN_URL: give the URL/)
  },
)
