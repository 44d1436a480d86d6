// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL behind a TCP proxy. Fake: none.
// The service is told to stop while something that it needs does not answer.
// Long only: ends that are delayed; `fault/restarted` has those in time.
import { once } from 'node:events'
import { connect as dial } from 'node:net'
import t, { type Test } from 'tap'
import { LOOPBACK } from '../../lab/ports.js'
import { keepersOf } from '../../lab/process/end-keeper.js'
import { epochMs } from '../../lab/time.js'
import { connect } from '../../src/db/connection.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  assertUnrecorded,
  dialIntoQuestion,
  shortLine,
  timelineAfter,
} from '../support/lab/fault-lab.js'
import { NetworkProxy } from '../support/lab/network-proxy.js'
import { assertTalkComplete, startTalk } from '../support/lab/unbroken-talk.js'
import { BEGIN_HELD, until } from '../support/processes/database.js'

/** systemd kills a service that takes longer to end, ms: `TimeoutStopSec` in docs/install.md. */
const STOP_LIMIT_MS = 15_000

const site = await startCallLab(t, { lines: [shortLine('301', { waitMs: 20_000 })], service: false })
const { service, database, ready } = site.lab
const network = await NetworkProxy.startForTest(t, database.url)
service.overrides = { ...service.overrides, DATABASE_URL: network.url }

t.beforeEach(async () => {
  service.start()
  await service.waitUntilReady()
})

/** Tells the service to stop, and asserts that it ends in time. @returns whether all of its parts ended by themselves */
async function ends(t: Test): Promise<boolean> {
  service.stopSupervising()
  const told = performance.now()
  service.kill('SIGTERM')
  await until(() => service.pid === undefined)
  const took = Math.round(performance.now() - told)
  t.ok(took <= STOP_LIMIT_MS, `the service ends within ${STOP_LIMIT_MS} ms: ${took} ms`)
  const lines = (await service.log()).trim().split('\n')
  return lines.map(line => JSON.parse(line)).findLast(({ msg }) => msg === 'stopped').whole
}

t.test('a client with half a request does not delay the end of the service', async t => {
  const socket = dial(Number(new URL(ready.http).port), LOOPBACK)
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write('GET /healthz HTT')
  t.equal(await ends(t), true, 'all parts ended by themselves')
})

t.test(
  'a database that does not answer does not delay the end of the service, and no audio is lost',
  async t => {
    const [talking, asked] = await Promise.all([startTalk(site), dialIntoQuestion(site, '301')])
    network.stall()
    const [whole] = await Promise.all([ends(t), assertReachesAgent(t, site, asked, epochMs())])
    t.equal(whole, true, 'all parts ended by themselves')
    network.restore()
    service.start()
    await service.waitUntilReady()
    assertUnrecorded(t, await timelineAfter(asked, 'call.released'))
    await assertTalkComplete(t, site, talking, { parts: 2, closed: true })
  },
)

t.test('a stopped keeper does not delay the end of the service, and no audio is lost', async t => {
  const talking = await startTalk(site)
  const [keeper] = await keepersOf(ready.tap)
  process.kill(keeper!, 'SIGSTOP')
  t.teardown(() => process.kill(keeper!, 'SIGCONT'))
  t.equal(await ends(t), true, 'all parts ended by themselves')
  process.kill(keeper!, 'SIGCONT')
  service.start()
  await service.waitUntilReady()
  await assertTalkComplete(t, site, talking, { parts: 2, closed: true })
})

t.test('a service ends in time while a purge waits for a lock in the database, and says so', async t => {
  await service.restart({ ...service.overrides, CONSENTRY_RETENTION_CRON: '* * * * * *' })
  const owner = await connect(database.adminUrl, 'test')
  t.teardown(() => owner.close())
  await owner.query('set idle_in_transaction_session_timeout = 0')
  await owner.query(BEGIN_HELD)
  await owner.query('lock table recording')
  await until(async () => {
    const { rows } = await owner.query('select from pg_locks where not granted')
    return rows.length > 0
  })
  t.equal(await ends(t), false, 'the log says that a part did not end')
})
