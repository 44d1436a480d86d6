// Real: PostgreSQL, which is locked, frozen and killed. Fake: none.
import t from 'tap'
import { codeOf } from '../../../src/core/errors.js'
import { newCallId } from '../../../src/core/ids.js'
import { startJournal } from '../../../src/journal/journal.js'
import { asked } from '../../support/data/call-events.js'
import {
  APPEND_LIMIT_MS,
  journalledAttempts,
  lockJournal,
  startTestJournal,
} from '../../support/data/journal.js'
import { silent, testDatabase, until } from '../../support/processes/database.js'

const { db, asOwner, server } = await testDatabase(t)

t.test('a database that stalls loses and repeats no event', async t => {
  const journal = startTestJournal(t, server.url)
  const call = newCallId()
  await journal.append([asked(call, 0)], APPEND_LIMIT_MS)
  const unlock = await lockJournal(server.adminUrl)
  for (let i = 1; i <= 50; i++) journal.note(asked(call, i))
  const last = journal.append([asked(call, 51)], APPEND_LIMIT_MS)
  await until(() => journal.counts.retries > 1)
  await unlock()
  await last
  t.strictSame(
    await journalledAttempts(db, call),
    Array.from({ length: 52 }, (_, i) => i),
  )
})

t.test('a backend that is frozen with a batch loses and repeats no event', async t => {
  const backends = async () => {
    const { rows } = await asOwner.query<{ pid: number }>(
      "select pid from pg_stat_activity where application_name = 'consentry journal'",
    )
    return rows.map(({ pid }) => pid)
  }
  // The backend of the journal of the test before may still be ending.
  const others = await backends()
  const journal = startTestJournal(t, server.url)
  const call = newCallId()
  await journal.noteDurably(asked(call, 0))
  // On a busy machine the connection in use may be the second one that was tried.
  const pids = (await backends()).filter(pid => !others.includes(pid))
  t.ok(pids.length > 0, 'the notes have a connection of their own')
  const signalAll = (signal: NodeJS.Signals) => {
    for (const pid of pids)
      try {
        process.kill(pid, signal)
      } catch {
        // It has ended.
      }
  }
  signalAll('SIGSTOP')
  // A backend that stays frozen would keep the server from starting again.
  t.teardown(() => signalAll('SIGCONT'))
  const sent = Array.from({ length: 20 }, (_, i) => journal.noteDurably(asked(call, i + 1)))
  await until(() => journal.counts.retries > 0)
  await Promise.all(sent)
  signalAll('SIGCONT')
  await journal.append([asked(call, 21)], APPEND_LIMIT_MS)
  t.strictSame(
    await journalledAttempts(db, call),
    Array.from({ length: 22 }, (_, i) => i),
  )
})

t.test('appends fail at once while the database is away', async t => {
  const journal = startJournal('postgres://nobody:x@127.0.0.1:1/none', silent)
  const first = asked(newCallId(), 1)
  await t.rejects(journal.append([first], APPEND_LIMIT_MS), { code: 'db.unavailable', retryable: true })
  t.notOk(journal.available)
  await t.rejects(journal.append([first], APPEND_LIMIT_MS), { code: 'db.unavailable' })
  journal.note(first, first)
  t.equal(journal.waiting, 2)
  await journal.stop()
  t.match(journal.counts, { dropped: 2, committed: 0 })
  t.equal(journal.waiting, 0)
})

// These tests come last, because they kill the server.
t.test('a database that is killed under load loses and repeats no event', async t => {
  const journal = startTestJournal(t, server.url)
  const call = newCallId()
  await journal.append([asked(call, 0)], APPEND_LIMIT_MS)
  let given = 0
  const feeding = setInterval(() => {
    for (let i = 0; i < 5; i++) journal.note(asked(call, ++given))
  }, 2)
  t.teardown(() => clearInterval(feeding))
  for (let kill = 1; kill <= 3; kill++) {
    const before = journal.counts.committed
    await until(() => journal.counts.committed > before + 50)
    const { pid } = server
    process.kill(pid, 'SIGKILL')
    await until(() => server.pid !== pid)
    await until(() => journal.available)
  }
  clearInterval(feeding)
  await journal.idle()
  t.strictSame(
    await journalledAttempts(db, call),
    Array.from({ length: given + 1 }, (_, i) => i),
  )
  t.match(journal.counts, { dropped: 0, refused: 0 })
})

t.test('after the kill, appends succeed again', async t => {
  const journal = startTestJournal(t, server.url)
  const call = newCallId()
  await journal.append([asked(call, 1)], APPEND_LIMIT_MS)
  const { pid } = server
  process.kill(pid, 'SIGKILL')
  await until(() => server.pid !== pid)
  const second = asked(call, 2)
  await until(() =>
    journal.append([second], APPEND_LIMIT_MS).then(
      () => true,
      error => {
        // A backend lives on until it notices that its server is gone, and may take the event with it.
        t.match(codeOf(error), /^(db\.unavailable|journal\.timeout)$/)
        return false
      },
    ),
  )
  t.strictSame(await journalledAttempts(db, call), [1, 2])
})
