// Real: sign-in on PostgreSQL with the console's role, argon2id. Fake: the clock.
import t from 'tap'
import { countAttempt, type TooManyAttempts } from '../../../src/accounts/attempts.js'
import { hashesComputed } from '../../../src/accounts/passphrases.js'
import { codeAt } from '../../../src/accounts/second-factor.js'
import { openDatabase } from '../../../src/db/database.js'
import { consoleKey } from '../../../src/vault/console-key.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { peopleSetup } from '../../support/processes/people.js'

const MINUTE_MS = 60_000

t.test('after five failures a name answers at one address after a growing delay only', async t => {
  const { deps, clock, ready, enter, server } = await peopleSetup(t)
  const maria = await ready('maria')
  const wrong = { ...maria, password: 'not the passphrase' }
  const owner = () => enter(maria, { code: codeAt(maria.totp, clock.now()) })
  for (let i = 0; i < 5; i += 1) await t.rejects(enter(wrong, {}), { code: 'sign-in.refused' })
  const before = hashesComputed()
  await t.rejects(owner(), { code: 'sign-in.limited', retryAfterS: 30 }, 'even with the right passphrase')
  t.equal(hashesComputed(), before, 'at once, without work')

  await t.resolves(
    enter(maria, { code: codeAt(maria.totp, clock.now()), address: '10.0.0.2' }),
    'the owner signs in elsewhere',
  )

  const delays: number[] = []
  for (let i = 0; i < 7; i += 1) {
    const failed = (await enter(wrong, {}).catch((error: unknown) => error)) as TooManyAttempts
    delays.push(failed.retryAfterS)
    clock.standStill(failed.retryAfterS * 1000)
    await t.rejects(enter(wrong, {}), { code: 'sign-in.refused' })
  }
  t.strictSame(delays, [30, 60, 120, 240, 480, 900, 900])

  const afterRestart = openDatabase(server.consoleUrl, CONNECTION_LIMIT_MS)
  t.teardown(() => afterRestart.close())
  const key = await consoleKey(deps.config.data)
  const again = { name: 'maria', address: '10.0.0.1', at: clock.now() }
  await t.rejects(countAttempt(afterRestart, key, again), { code: 'sign-in.limited', retryAfterS: 900 })

  clock.standStill(15 * MINUTE_MS)
  await t.resolves(owner())
  for (let i = 0; i < 4; i += 1) await t.rejects(enter(wrong, {}), { code: 'sign-in.refused' })
  clock.standStill(MINUTE_MS)
  await t.resolves(owner(), 'a success begins the count again')
})

t.test('attempts at the same time count before any of them is checked', async t => {
  const { ready, enter } = await peopleSetup(t)
  const olga = await ready('olga')
  const wrong = { ...olga, password: 'not the passphrase' }
  const all = await Promise.allSettled(Array.from({ length: 12 }, () => enter(wrong, {})))
  const codes = all.map(one => (one as PromiseRejectedResult).reason.code)
  t.equal(codes.filter(code => code === 'sign-in.refused').length, 5)
  t.equal(codes.filter(code => code === 'sign-in.limited').length, 7)
})

t.test('an address that tries many names is slowed down, but not where a name has signed in', async t => {
  const { deps, clock } = await peopleSetup(t)
  const key = await consoleKey(deps.config.data)
  const attempt = (name: string, address = '2001:db8:1:2::9') =>
    countAttempt(deps.db, key, { name, address, at: clock.now() })
  await (await attempt('ivan')).succeed()
  for (let i = 0; i < 30; i += 1) await attempt(`guess${i}`)
  await t.rejects(attempt('another'), { code: 'sign-in.limited', retryAfterS: 30 })
  await t.rejects(attempt('another', '2001:db8:1:2:ffff::1'), { code: 'sign-in.limited' }, 'the same network')
  await t.resolves(attempt('another', '2001:db8:1:3::9'))
  await t.resolves(attempt('ivan'), 'he is known here')
  const rows = await deps.db.selectFrom('sign_in_attempt').selectAll().execute()
  t.notMatch(JSON.stringify(rows), /guess|ivan|2001/, 'no name and no address is stored')
})

t.test(
  'names that an address tries while it waits leave no rows, and those that counted leave theirs for a day',
  async t => {
    const { deps, clock } = await peopleSetup(t)
    const key = await consoleKey(deps.config.data)
    const attempt = (name: string, address = '10.3.0.1') =>
      countAttempt(deps.db, key, { name, address, at: clock.now() })
    const rows = async () => (await deps.db.selectFrom('sign_in_attempt').selectAll().execute()).length
    await (await attempt('ivan', '10.3.0.9')).succeed()
    for (let i = 0; i < 30; i += 1) await attempt(`guess${i}`)
    const counted = await rows()
    for (let i = 0; i < 50; i += 1) await t.rejects(attempt(`more${i}`), { code: 'sign-in.limited' })
    t.equal(await rows(), counted)
    clock.standStill(25 * 60 * MINUTE_MS)
    await attempt('later', '10.3.0.2')
    t.equal(await rows(), 4, 'the known name, all addresses together, the last address, and its name')
    await t.resolves(attempt('ivan', '10.3.0.9'))
  },
)

t.test('beyond a thousand failures strangers get one attempt a second, and known names go on', async t => {
  const { deps, clock } = await peopleSetup(t)
  const key = await consoleKey(deps.config.data)
  const attempt = (name: string, address: string) =>
    countAttempt(deps.db, key, { name, address, at: clock.now() })
  await (await attempt('vera', '10.9.9.9')).succeed()
  for (let i = 0; i < 1_000; i += 1) await attempt('any', `10.1.${i >> 8}.${i & 255}`)
  await t.rejects(attempt('any', '10.2.0.1'), { code: 'sign-in.limited', retryAfterS: 1 })
  await t.resolves(attempt('vera', '10.9.9.9'))
  clock.standStill(1_000)
  await t.resolves(attempt('any', '10.2.0.1'), 'what was refused did not count')
})
