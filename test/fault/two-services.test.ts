// Real: Asterisk, SIP callers, several services and keepers, PostgreSQL. Fake: the service that takes over the application.
// That service only receives events.
// Long only: two services on one PBX; `fault/keeper-rescue` has one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { compiled } from '../../lab/process/compiled.js'
import { endKeeper, keepersOf } from '../../lab/process/end-keeper.js'
import { removeProtected } from '../../lab/process/remove-protected.js'
import { connectAri } from '../../src/asterisk/transport/ari-transport.js'
import { Secret } from '../../src/core/secret.js'
import { waitForAlarm } from '../support/assertions/alarms.js'
import { exactly } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  assertStoredParts,
  countEvents,
  dialAndGrant,
  dialIntoQuestion,
  shortLine,
  waitUntilTakesCalls,
} from '../support/lab/fault-lab.js'
import { testDatabase, until } from '../support/processes/database.js'
import { keeperSettings, startKeeper } from '../support/processes/keeper.js'

/** The keeper looks each second for callers without a service, so this time has several looks, ms. */
const COMPARE_AFTER_MS = 6_000

const site = await startCallLab(t, {
  // On the second line the question lasts until another service has started.
  lines: [shortLine('301'), shortLine('302', { waitMs: 30_000 })],
})
const { service, pbx } = site.lab

/** Starts another service beside the service of the lab. It ends with the test. */
function start(env: Record<string, string>) {
  const started = spawn(process.execPath, [compiled('cli'), 'serve'], {
    env: { ...process.env, ...service.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  t.teardown(() => started.kill('SIGKILL'))
  return started
}

/** Runs another service until it ends by itself. @returns its exit code and its log */
async function second(env: Record<string, string>): Promise<{ code: number; log: string }> {
  const process_ = start(env)
  const [log, [code]] = await Promise.all([text(process_.stderr), once(process_, 'exit')])
  return { code, log }
}

/** Places a call and asserts that it is recorded. */
async function isRecorded(kept: number): Promise<void> {
  const call = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, call)
  t.match(await call.finish(), { decision: 'granted', recordings: exactly({ state: 'finished' }) })
  await assertStoredParts(t, site, kept)
}

t.test(
  'a second service with a resource of the first says which and ends, and the first runs on',
  async t => {
    const { pid } = service
    const twin = await second({})
    t.equal(twin.code, 1)
    t.match(twin.log, /Another service of this machine has CONSENTRY_DATA/)
    const sibling = await second({ CONSENTRY_DATA: t.testdir({}) })
    t.equal(sibling.code, 1)
    t.match(sibling.log, /Another service of this machine has ARI_APP consentry/)
    const lodger = await second({ CONSENTRY_DATA: t.testdir({}), ARI_APP: 'neighbour' })
    t.equal(lodger.code, 1)
    t.match(lodger.log, /Another service of this machine has CONSENTRY_TAP_DIR/)
    const tap = join(t.testdirName, 'tap')
    const stranger = await second({
      ...{
        CONSENTRY_DATA: t.testdir({}),
        CONSENTRY_TAP_DIR: tap,
        ARI_APP: 'neighbour',
        CONSENTRY_HTTP: '127.0.0.1:0',
      },
    })
    t.equal(stranger.code, 1)
    t.match(stranger.log, /Another node works on this database: .* It runs now/)
    await removeProtected(tap)
    t.ok(await service.isReady())
    t.equal(service.pid, pid)
    await isRecorded(1)
  },
)

t.test(
  'a service that lost its application to another machine says so, and gets it back afterwards',
  async t => {
    const talking = await dialAndGrant(site, '301')
    await assertReachesAgent(t, site, talking)
    const { url, username, password } = pbx.ari
    const ari = await connectAri({ url, username, password: new Secret(password) })
    const close = await ari.listen('consentry', { event() {}, garbled() {}, closed() {} })
    await until(async () => !(await service.isReady()))
    close()
    t.match(
      await talking.finish(),
      { recordings: exactly({ state: 'finished' }) },
      'the running recording is complete',
    )
    await waitUntilTakesCalls(site)
    const events = await site.db
      .selectFrom('event')
      .select(['type', 'data'])
      .where('type', 'in', ['pbx.lost', 'pbx.restored'])
      .orderBy('id')
      .execute()
    t.match(
      events,
      exactly({ type: 'pbx.lost', data: { reason: 'replaced' } }, { type: 'pbx.restored' }),
      'once each',
    )
    t.match(await service.log(), /another process took over our ARI application/)
    await isRecorded(3)
  },
)

t.test('a left-over keeper of another data folder does not rescue callers of a running service', async t => {
  const settings = await keeperSettings(t, { goneMs: 500 })
  const beat = { variable: 'CONSENTRY_SERVICE_consentry', id: 'a service that is gone' }
  await startKeeper(t, { ...settings, ari: { ...pbx.ari, app: 'consentry', beat } })
  const asked = await dialIntoQuestion(site, '302')
  await pause(COMPARE_AFTER_MS)
  await asked.caller.press('1')
  await assertReachesAgent(t, site, asked)
  const journal = await asked.finish()
  t.match(journal, { decision: 'granted', recordings: exactly({ state: 'finished' }) })
  t.equal(countEvents(journal, 'call.released'), 1)
})

t.test('callers whom another program takes out of the question raise an alarm', async t => {
  const { url, username, password } = pbx.ari
  const ari = await connectAri({ url, username, password: new Secret(password) })
  for (let i = 0; i < 3; i++) {
    const call = await dialIntoQuestion(site, '302')
    const { channel } = await call.waitForEvent('call.started')
    await ari.request('channels', 'continueInDialplan', { channelId: String(channel) })
    await assertReachesAgent(t, site, call)
    t.match(await call.finish(), { decision: 'failed' })
  }
  await waitForAlarm(site, 'calls-taken', true)
})

t.test('a service with another application does not touch the calls of its neighbour', async t => {
  const [asked, talking] = await Promise.all([dialIntoQuestion(site, '302'), dialAndGrant(site, '301')])
  await talking.waitForEvent('recording.part-started')
  // A database serves one node.
  const neighbours = await testDatabase(t)
  const dir = t.testdir({ data: {} })
  const [data, tap] = [join(dir, 'data'), join(dir, 'tap')]
  const own = {
    CONSENTRY_DATA: data,
    CONSENTRY_TAP_DIR: tap,
    CONSENTRY_HTTP: '127.0.0.1:0',
    ARI_APP: 'neighbour',
    DATABASE_URL: neighbours.server.url,
  }
  const store = { CONSENTRY_STORE: `file:${join(site.lab.ready.data, 'store')}` }
  const neighbour = start({ ...own, ...store })
  let said = ''
  neighbour.stderr.on('data', chunk => {
    said += chunk
  })
  await until(() => said.includes('ready for calls'))
  await asked.caller.press('1')
  await asked.waitForEvent('recording.part-started')
  const keepers = await keepersOf(tap)
  neighbour.kill('SIGTERM')
  await once(neighbour, 'exit')
  await endKeeper(data, keepers)
  await removeProtected(tap)
  for (const call of [asked, talking]) {
    const journal = await call.finish()
    t.match(journal, { decision: 'granted', recordings: exactly({ state: 'finished' }) })
    for (const type of ['call.decided', 'call.released', 'call.ended', 'recording.finished'] as const)
      t.equal(countEvents(journal, type), 1, `${type} once`)
  }
  t.strictSame((await site.verify()).faults, [])
})
