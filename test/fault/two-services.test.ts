// Real: everything. Whoever takes the application is no service: it hears, and does nothing.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { compiled } from '../../src/lab/process/compiled.js'
import { Secret } from '../../src/shared/secret.js'
import { openSocket } from '../../src/telephony/ari-socket.js'
import { attach } from '../../src/telephony/attach.js'
import { startCallLab } from '../support/call-lab.js'
import { until } from '../support/database.js'
import { dialAndGrant, keptAre, reachesAgent, shortLine } from '../support/fault-lab.js'

const site = await startCallLab(t, { lines: [shortLine('301')] })
const { service, pbx } = site.lab

/** Runs another service until it ends by itself. */
async function second(env: Record<string, string>): Promise<{ code: number; said: string }> {
  const process_ = spawn(process.execPath, [compiled('cli'), 'serve'], {
    env: { ...process.env, ...service.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [said, [code]] = await Promise.all([text(process_.stderr), once(process_, 'exit')])
  return { code, said }
}

/** A recorded call, from the first prompt to the last sample. */
async function isRecorded(kept: number): Promise<void> {
  const call = await dialAndGrant(site, '301')
  await reachesAgent(t, site, call)
  t.match(await call.over(), { decision: 'granted', recordings: [{ state: 'finished' }] })
  await keptAre(t, site, kept)
}

t.test('a second one says what it lacks, and takes nothing from the first', async t => {
  const { pid } = service
  const twin = await second({})
  t.equal(twin.code, 1)
  t.match(twin.said, /Another service of this machine has CONSENTRY_DATA/)
  const sibling = await second({ CONSENTRY_DATA: t.testdir({}) })
  t.equal(sibling.code, 1)
  t.match(sibling.said, /Another service of this machine has ARI_APP consentry/)
  t.ok(await service.isReady())
  t.equal(service.pid, pid)
  await isRecorded(1)
})

t.test(
  'one that lost its application to another machine says so, and has it back when that is gone',
  async t => {
    const talking = await dialAndGrant(site, '301')
    await reachesAgent(t, site, talking)
    const { url, username, password } = pbx.ari
    const client = await attach({ url, username, password: new Secret(password) })
    const letGo = await openSocket(client, 'consentry', { event() {}, garbled() {}, closed() {} })
    await until(async () => !(await service.isReady()))
    letGo()
    t.match(await talking.over(), { recordings: [{ state: 'finished' }] }, 'what ran is whole')
    await until(() => service.isReady())
    const told = await site.db
      .selectFrom('event')
      .select(['type', 'data'])
      .where('type', 'in', ['pbx.lost', 'pbx.restored'])
      .orderBy('id')
      .execute()
    t.match(told, [{ type: 'pbx.lost', data: { reason: 'replaced' } }, { type: 'pbx.restored' }], 'once each')
    t.match(await service.log(), /another process hears our ARI application/)
    await isRecorded(3)
  },
)
