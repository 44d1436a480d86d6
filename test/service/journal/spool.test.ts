// Real: PostgreSQL behind a proxy that is cut, the disk, processes that are killed. Fake: none.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type CallId, newCallId } from '../../../src/core/ids.js'
import { type Journal, startJournal } from '../../../src/journal/journal.js'
import { Spool } from '../../../src/journal/spool/spool.js'
import { createLog } from '../../../src/lib/log.js'
import { answered, asked, started } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS, journalledAttempts, lockJournal } from '../../support/data/journal.js'
import { NetworkProxy } from '../../support/lab/network-proxy.js'
import { scratch, silent, testDatabase, until } from '../../support/processes/database.js'

const { db, server } = await testDatabase(t)
const direct = new URL(server.url)
const network = await NetworkProxy.startForTest(t, `http://${direct.host}`)
const url = server.url.replace(direct.host, new URL(network.url).host)
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

interface Spooling {
  journal: Journal
  /** The spool's folder, and its file. */
  dir: string
  file: string
  errors: string[]
}

/** A journal with a spool. It is stopped when the test ends. */
async function spooling(t: Test, dir?: string): Promise<Spooling> {
  const folder = dir ?? join(await scratch(t), 'spool')
  const errors: string[] = []
  const log = createLog('silent')
  log.error = ((_: unknown, text: string) => void errors.push(text)) as typeof log.error
  const journal = startJournal(url, log, await Spool.open(folder, silent))
  t.teardown(() => journal.stop())
  return { journal, dir: folder, file: join(folder, 'events'), errors }
}

/** Cuts the database off and waits until the journal knows. */
async function cutDatabase(journal: Journal): Promise<void> {
  network.cut('everything')
  await until(() => !journal.available)
}

/** The `journal.caught-up` events, oldest first. */
const outages = async () =>
  (
    await db
      .selectFrom('event')
      .select('data')
      .where('type', '=', 'journal.caught-up')
      .orderBy('id')
      .execute()
  ).map(({ data }) => data)

t.test('events of an outage are in the file at once, and in the journal once after the outage', async t => {
  const { journal, file } = await spooling(t)
  const call = newCallId()
  await journal.append([started(call, '+79001234567'), asked(call, 0)], APPEND_LIMIT_MS)
  await cutDatabase(journal)
  const person = started(newCallId(), '+79007654321')
  journal.note(person, ...range(1, 3_000).map(n => asked(call, n)))
  await t.rejects(
    journal.append([answered(call)], APPEND_LIMIT_MS),
    { code: 'db.unavailable' },
    'the append fails at once',
  )
  await until(() => journal.spooled === 3_000)
  t.equal(journal.waiting, 3_000, 'all of them are in the file')
  const content = readFileSync(file, 'utf8')
  t.match(content, person.id)
  t.notMatch(content, '79007654321')
  network.restore()
  await until(() => journal.spooled < 3_000)
  t.notOk(journal.available, 'the journal is not available before the spooled events are written')
  journal.note(asked(call, 3_000))
  await journal.idle()
  t.ok(journal.available)
  await journal.append([asked(call, 3_001)], APPEND_LIMIT_MS)
  t.strictSame(await journalledAttempts(db, call), [undefined, ...range(0, 3_002)])
  const personal = await db
    .selectFrom('event_personal')
    .select('data')
    .where('event', '=', person.id)
    .execute()
  t.strictSame(personal, [{ data: { caller: '+79007654321' } }])
  t.notOk(existsSync(file) || existsSync(join(file, '..', 'key')))
  t.match(journal.counts, { dropped: 0, refused: 0 })
  t.match((await outages()).at(-1), { damaged: 0, dropped: 0 })
})

t.test('repeated outages, also during the replay, keep the order', async t => {
  const { journal, file } = await spooling(t)
  const call = newCallId()
  let given = 0
  const feeding = setInterval(() => {
    for (let i = 0; i < 5; i++) journal.note(asked(call, given++))
  }, 2)
  for (let outage = 0; outage < 3; outage++) {
    await until(() => journal.available)
    await cutDatabase(journal)
    const before = journal.counts.spooled
    await until(() => journal.counts.spooled > before + 1_000)
    network.restore()
    const { committed } = journal.counts
    await until(() => journal.counts.committed > committed + 500)
    network.cut('everything')
    await pause(50)
    network.restore()
  }
  clearInterval(feeding)
  await journal.idle()
  t.strictSame(await journalledAttempts(db, call), range(0, given))
  t.notOk(existsSync(file))
})

t.test('a journal that is stopped in an outage leaves its events to its successor at once', async t => {
  const first = await spooling(t)
  const call = newCallId()
  await first.journal.append([asked(call, 0)], APPEND_LIMIT_MS)
  await cutDatabase(first.journal)
  first.journal.note(...range(1, 1_000).map(n => asked(call, n)))
  const { connectionAttempts } = network
  await first.journal.stop()
  t.ok(network.connectionAttempts <= connectionAttempts + 1, 'the stop does not wait for the database')
  t.match(first.journal.counts, { dropped: 0 })
  const second = await spooling(t, first.dir)
  t.equal(second.journal.waiting, 999)
  await t.rejects(second.journal.append([asked(call, 0)], APPEND_LIMIT_MS), { code: 'db.unavailable' })
  second.journal.note(asked(call, 1_000))
  network.restore()
  await second.journal.idle()
  t.strictSame(await journalledAttempts(db, call), range(0, 1_001))
  t.notOk(existsSync(second.file))
})

t.test('events that a hanging database did not take before the stop are spooled', async t => {
  const first = await spooling(t)
  const call = newCallId()
  await first.journal.append([asked(call, 0)], APPEND_LIMIT_MS)
  const unlock = await lockJournal(server.adminUrl)
  first.journal.note(...range(1, 50).map(n => asked(call, n)))
  await first.journal.stop()
  await unlock()
  t.match(first.journal.counts, { dropped: 0, spooled: 49 })
  await (await spooling(t, first.dir)).journal.idle()
  t.strictSame(await journalledAttempts(db, call), range(0, 50))
})

t.test(
  'if the spool cannot be written, events wait in memory, and the others are counted as lost',
  async t => {
    const { journal, file, errors } = await spooling(t)
    const call = newCallId()
    await journal.append([asked(call, 0)], APPEND_LIMIT_MS)
    // A file cannot be made here.
    mkdirSync(file)
    await cutDatabase(journal)
    journal.note(...range(1, 100).map(n => asked(call, n)))
    await until(() => errors.some(text => text.includes('the spool cannot be written')))
    network.restore()
    await journal.idle()
    t.strictSame(await journalledAttempts(db, call), range(0, 100))
    await cutDatabase(journal)
    journal.note(...range(0, 60_000).map(n => asked(call, n)))
    const { dropped } = journal.counts
    t.ok(dropped > 8_000 && dropped <= 10_000, `${dropped} of 60,000 events had no room`)
    // The journal tries to write the spool again in this time.
    await pause(1_500)
    t.equal(
      errors.filter(text => text.includes('the spool cannot be written')).length,
      1,
      'it is logged once',
    )
    rmdirSync(file)
    await until(() => journal.spooled === 60_000 - dropped)
    t.match(journal.counts, { dropped })
    // The remaining events would take seconds to enter the journal.
    await journal.stop()
    network.restore()
  },
)

const child = join(import.meta.dirname, '../../support/processes/journal-child.js')

/** A process with a journal on this folder. `lines` are what it prints. */
function startChild(dir: string, call?: CallId) {
  const running = spawn(process.execPath, [child, url, dir, ...(call ? [call] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  createInterface({ input: running.stdout }).on('line', line => lines.push(line))
  const exit = once(running, 'exit')
  return {
    lines,
    exit,
    async kill() {
      running.kill('SIGKILL')
      await exit
    },
  }
}

/** Random numbers from 0 to 1 for the times of the kills, the same in each run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

t.test('kills while events are spooled or replayed lose and repeat no event', async t => {
  const dir = join(await scratch(t), 'spool')
  const random = seeded(5)
  const calls: { call: CallId; synced: number }[] = []
  for (let round = 0; round < 4; round++) {
    network.cut('everything')
    const call = newCallId()
    const spooler = startChild(dir, call)
    await until(() => Number(spooler.lines.at(-1)) > 0)
    await pause(200 * random())
    await spooler.kill()
    calls.push({ call, synced: Number(spooler.lines.at(-1)) })
    network.restore()
    const entering = startChild(dir)
    await until(() => entering.lines.includes('ready'))
    await pause(150 * random())
    await entering.kill()
  }
  const before = existsSync(join(dir, 'events')) ? statSync(join(dir, 'events')).size : 0
  const last = startChild(dir)
  await last.exit
  t.ok(last.lines.includes('caught up'))
  t.notOk(existsSync(join(dir, 'events')) || existsSync(join(dir, 'key')))
  let entered = 0
  for (const { call, synced } of calls) {
    const found = await journalledAttempts(db, call)
    t.strictSame(found, range(0, found.length), 'each once, in order, none missing between')
    t.ok(found.length >= synced, `${found.length} of ${synced} synced`)
    entered += found.length
  }
  t.comment(`${entered} events of 4 killed processes; ${before} bytes were left for the last one`)
})
