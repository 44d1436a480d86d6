// Real: PostgreSQL, which is stopped and locked, a proxy before it that stalls, the disk. Fake: none.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { newCallId } from '../../../src/core/ids.js'
import { type Journal, startJournal } from '../../../src/journal/journal.js'
import { Spool } from '../../../src/journal/spool/spool.js'
import { asked } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS, journalledAttempts, lockJournal } from '../../support/data/journal.js'
import { NetworkProxy } from '../../support/lab/network-proxy.js'
import { scratch, silent, testDatabase, until } from '../../support/processes/database.js'

/** Longest silence of the database that the journal accepts, ms. */
const SILENCE_LIMIT_MS = 2_000

const { db, asOwner, server } = await testDatabase(t)
const direct = new URL(server.url)
const network = await NetworkProxy.startForTest(t, `http://${direct.host}`)
const url = server.url.replace(direct.host, new URL(network.url).host)

/** Connections of one journal: its writer's and two for answers. */
const CONNECTIONS = 3

/** An idle journal with a spool, which has just written the first event of a call. */
async function idleJournal(t: Test) {
  const before = await backends()
  const journal = startJournal(url, silent, await Spool.open(join(await scratch(t), 'spool'), silent))
  t.teardown(() => journal.stop())
  const call = newCallId()
  await journal.append([asked(call, 0)], APPEND_LIMIT_MS)
  const isNew = (pid: number) => !before.includes(pid)
  await until(async () => (await backends()).filter(isNew).length === CONNECTIONS)
  return { journal, call }
}

/** Asserts that events noted during the outage enter once and in order after `back`. */
async function continuesAfter(
  t: Test,
  journal: Journal,
  call: ReturnType<typeof newCallId>,
  back: () => unknown,
) {
  await t.rejects(journal.append([asked(call, 9)], APPEND_LIMIT_MS), { code: 'db.unavailable' })
  journal.note(asked(call, 1), asked(call, 2))
  await back()
  await until(() => journal.available)
  // Events that did not reach the spool during the outage are written after it.
  await journal.idle()
  t.strictSame(await journalledAttempts(db, call), [0, 1, 2])
}

/** The server processes that serve journals. */
const backends = async (): Promise<number[]> => {
  const { rows } = await asOwner.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name in ('consentry journal', 'consentry answers')`,
  )
  return rows.map(({ pid }) => pid)
}

t.test('a dead connection is detected while nothing is written', async t => {
  const { journal, call } = await idleJournal(t)
  network.stall()
  t.teardown(() => network.restore())
  await until(() => !journal.available)
  t.ok(journal.databaseSilentMs >= SILENCE_LIMIT_MS, 'the journal knows how long the database was silent')
  await continuesAfter(t, journal, call, () => network.restore())
})

t.test('a server that hangs is detected', async t => {
  const { journal, call } = await idleJournal(t)
  const stopped = [server.pid, ...(await backends())]
  const release = () => {
    for (const pid of stopped.splice(0)) process.kill(pid, 'SIGCONT')
  }
  t.teardown(release)
  for (const pid of stopped) process.kill(pid, 'SIGSTOP')
  await until(() => !journal.available)
  await continuesAfter(t, journal, call, release)
})

t.test('a server that answers and accepts no events is detected', async t => {
  const { journal, call } = await idleJournal(t)
  const unlock = await lockJournal(server.adminUrl)
  journal.note(asked(newCallId(), 0))
  await until(() => !journal.available)
  await continuesAfter(t, journal, call, unlock)
})

t.test('a service that was stopped itself does not blame the database', async t => {
  const { journal, call } = await idleJournal(t)
  const before = await backends()
  const nap = new Int32Array(new SharedArrayBuffer(4))
  network.delay(100)
  t.teardown(() => network.restore())
  // A batch is on its way, and then the question that follows a second of rest.
  for (const ms of [100, 1_300]) {
    journal.note(asked(call, ms))
    await new Promise(resolve => setTimeout(resolve, ms))
    Atomics.wait(nap, 0, 0, SILENCE_LIMIT_MS + 500)
  }
  await journal.idle()
  t.strictSame(await backends(), before, 'the journal keeps its connections')
  t.equal(journal.counts.retries, 0)
})

t.test('stop ends although the connection is dead', async t => {
  const { journal } = await idleJournal(t)
  network.stall()
  t.teardown(() => network.restore())
  await journal.stop()
  t.match(journal.counts, { committed: 1, dropped: 0 })
})
