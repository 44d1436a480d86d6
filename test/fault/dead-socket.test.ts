// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, a TCP proxy before Asterisk. Fake: none.
// The event socket stays open and carries nothing, and each new one does the same. So Asterisk lets callers in whom nobody notices.
// Long only: a socket that stays dead; `fault/pbx-killed` has a PBX that comes back.
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { epochMs } from '../../lab/time.js'
import { exactly } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  dialAndGrant,
  dialIntoQuestion,
  shortLine,
  startWithPbxAt,
  waitUntilTakesCalls,
} from '../support/lab/fault-lab.js'
import { NetworkProxy } from '../support/lab/network-proxy.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { until } from '../support/processes/database.js'

const site = await startCallLab(t, {
  lines: [shortLine('301'), shortLine('303', { waitMs: 20_000 })],
  service: false,
})
const { service, pbx } = site.lab
const network = await NetworkProxy.startForTest(t, pbx.ari.url)
await startWithPbxAt(site, network.url)

/** Callers come one after the other, and each is with the agent in time. */
async function assertArrivalsReachAgent(laterMs: readonly number[]): Promise<void> {
  const reached: Promise<void>[] = []
  for (const ms of laterMs) {
    await pause(ms)
    const call = await PlacedCall.place(site, { number: '303' })
    reached.push(assertReachesAgent(t, site, call, epochMs()))
  }
  await Promise.all(reached)
}

t.test('callers of a dead event socket reach the agent, however long none can be opened', async t => {
  const asked = await dialIntoQuestion(site, '303')
  network.stall('events')
  const deadAt = epochMs()
  await Promise.all([assertReachesAgent(t, site, asked, deadAt), assertArrivalsReachAgent([0, 4_000, 5_000])])
  network.restore()
  await waitUntilTakesCalls(site)
  const call = await dialAndGrant(site, '301')
  const journal = await call.finish()
  const { events } = journal
  t.match(journal, { decision: 'granted', recordings: exactly({ state: 'finished' }) }, { events })
})

t.test('so do those whom a service finds that starts before such a socket', async () => {
  network.stall('events')
  await pause(100)
  const waiting = await PlacedCall.place(site, { number: '303' })
  service.stopSupervising()
  service.kill('SIGKILL')
  await until(() => service.pid === undefined)
  const killedAt = epochMs()
  service.start()
  await assertReachesAgent(t, site, waiting, killedAt)
  network.restore()
  await waitUntilTakesCalls(site)
})
