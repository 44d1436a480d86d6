// Real: everything. The service is told to stop while something that one of its parts needs does not answer.
import { once } from 'node:events'
import { connect as dial } from 'node:net'
import t from 'tap'
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
import { until } from '../support/processes/database.js'

const site = await startCallLab(t, { lines: [shortLine('301', { waitMs: 20_000 })], service: false })
const { service, database, ready } = site.lab
const network = await NetworkProxy.startForTest(t, database.url)
service.overrides = { ...service.overrides, DATABASE_URL: network.url }

t.beforeEach(async () => {
  service.start()
  await service.waitUntilReady()
})

/** Tells the service to stop and waits until it has, for at most half a minute. @returns whether all of it ended by itself */
async function ends(): Promise<boolean> {
  service.stopSupervising()
  service.kill('SIGTERM')
  await until(() => service.pid === undefined)
  const lines = (await service.log()).trim().split('\n')
  return lines.map(line => JSON.parse(line)).findLast(({ msg }) => msg === 'stopped').whole
}

t.test('half a request holds nothing up', async t => {
  const socket = dial(Number(new URL(ready.http).port), LOOPBACK)
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write('GET /healthz HTT')
  t.ok(await ends(), 'it ends whole')
})

t.test('nor does a database that no longer answers, and nothing is lost', async t => {
  const [talking, asked] = await Promise.all([startTalk(site), dialIntoQuestion(site, '301')])
  network.stall()
  const [whole] = await Promise.all([ends(), assertReachesAgent(t, site, asked, epochMs())])
  t.ok(whole, 'it ends whole')
  network.restore()
  service.start()
  await service.waitUntilReady()
  assertUnrecorded(t, await timelineAfter(asked, 'call.released'))
  await assertTalkComplete(t, site, talking, { parts: 2, closed: true })
})

t.test('nor a keeper that stands still, which the next service ends', async t => {
  const talking = await startTalk(site)
  const [keeper] = await keepersOf(ready.tap)
  process.kill(keeper!, 'SIGSTOP')
  t.teardown(() => process.kill(keeper!, 'SIGCONT'))
  t.ok(await ends(), 'it ends whole')
  process.kill(keeper!, 'SIGCONT')
  service.start()
  await service.waitUntilReady()
  await assertTalkComplete(t, site, talking, { parts: 2, closed: true })
})

t.test('what waits for a lock in the database is left behind', async t => {
  await service.restart({ ...service.overrides, CONSENTRY_RETENTION_CRON: '* * * * * *' })
  const owner = await connect(database.adminUrl, 'test')
  t.teardown(() => owner.close())
  await owner.query('set idle_in_transaction_session_timeout = 0')
  await owner.query('begin')
  await owner.query('lock table recording')
  await until(async () => {
    const { rows } = await owner.query('select from pg_locks where not granted')
    return rows.length > 0
  })
  t.notOk(await ends(), 'it does not wait for ever, and says so')
})
