// Real: the console and the command as processes, PostgreSQL. Fake: none.
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { type AddressInfo, createConnection, createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { told } from '../../support/data/told-events.js'
import { consentry, tester } from '../../support/processes/command.js'
import { scratch, startPrepared, testDatabase } from '../../support/processes/database.js'
import { readConsoleLog } from '../../support/processes/service-log.js'

const { server, db } = await testDatabase(t)
const env = { DATABASE_URL: server.url, CONSENTRY_DATA: join(await scratch(t), 'data') }
const address = { CONSENTRY_CONSOLE: '127.0.0.1:0' }

t.test('a token that the command adds is valid in the console until the command revokes it', async t => {
  const log = readConsoleLog(t, { ...env, ...address, DATABASE_CONSOLE_URL: server.consoleUrl })
  const { value } = await log.next()
  t.match(value, { msg: 'the console is ready', url: /^http/ })
  const added = await consentry(env, 'token', 'add', 'crm', '--role', 'supervisor', '--role', 'auditor')
  t.match(added, { code: 0, out: /^consentry_[\w-]{43}\n$/, err: /only this once/ })
  const me = () =>
    fetch(`${value!.url}/api/v1/me`, { headers: { authorization: `Bearer ${added.out.trim()}` } })
  t.strictSame(await (await me()).json(), { name: 'crm', roles: ['supervisor', 'auditor'] })
  const listed = await consentry(env, 'token', 'list', '--json')
  t.match(JSON.parse(listed.out), { length: 1, 0: { name: 'crm', madeBy: tester, expiresAt: null } })
  t.match(await consentry(env, 'token', 'list'), { code: 0, out: /crm/ })
  t.match(await consentry(env, 'token', 'revoke', 'crm', '--json'), { code: 0 })
  t.equal((await me()).status, 401)
  const events = await told(db).select('data').where('type', 'in', ['token.added', 'token.revoked']).execute()
  t.match(events, { length: 2, 0: { data: { by: tester, way: 'command' } }, 1: { data: { name: 'crm' } } })
  t.notMatch(JSON.stringify(events), added.out.trim(), 'the journal does not have the token')
})

t.test('a token needs a role that exists and a day to come', async t => {
  const add = (...more: string[]) => consentry(env, 'token', 'add', 'x', ...more)
  t.match(await add(), { code: 2, err: /needs a role/ })
  t.match(await add('--role', 'king'), { code: 2, err: /administrator, supervisor/ })
  t.match(await add('--role', 'auditor', '--until', '2020-01-01'), { code: 1, err: /past/ })
  t.match(await consentry(env, 'token', 'revoke', 'nobody'), { code: 1, err: /no token/ })
  t.match(await consentry(env, 'token', 'list'), { code: 0, out: /No tokens yet/ })
})

t.test('the console does not use the role of the service, nor that of the owner', async t => {
  const refused = await consentry({ ...env, ...address }, 'console')
  t.match(refused, { code: 1, err: /DATABASE_CONSOLE_URL/ })
  const asService = { DATABASE_CONSOLE_URL: server.url }
  t.match(await consentry({ ...env, ...address, ...asService }, 'console'), {
    code: 1,
    err: /role of its own/,
  })
  const owner = { DATABASE_ADMIN_URL: server.adminUrl, DATABASE_CONSOLE_URL: server.consoleUrl }
  t.match(await consentry({ ...env, ...address, ...owner }, 'console'), { code: 1, err: /for the console/ })
})

t.test('the console uses the embedded database of the service, and waits for it', async t => {
  const data = join(await scratch(t), 'data')
  const log = readConsoleLog(t, { CONSENTRY_DATA: data, ...address })
  t.match((await log.next()).value, { msg: /waiting for the database/ })
  await mkdir(data, { recursive: true })
  await startPrepared(t, join(data, 'postgres'))
  t.match((await log.next()).value, { msg: 'the console is ready' })
})

t.test('the console waits for a database that is lost between two looks at its start', async t => {
  // The first two connections look at schema and role, the third one is the first of the pool.
  let connections = 0
  const network = createServer(near => {
    near.on('error', () => undefined)
    if (++connections === 3) return near.destroy()
    const far = createConnection(Number(new URL(server.consoleUrl).port), '127.0.0.1')
    far.on('error', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  t.teardown(() => network.close())
  network.listen(0, '127.0.0.1')
  await once(network, 'listening')
  const lossy = new URL(server.consoleUrl)
  lossy.port = String((network.address() as AddressInfo).port)
  const log = readConsoleLog(t, { ...env, ...address, DATABASE_CONSOLE_URL: lossy.href })
  t.match((await log.next()).value, { msg: /waiting for the database; the console starts/ })
  t.match((await log.next()).value, { msg: 'the console is ready' })
})
