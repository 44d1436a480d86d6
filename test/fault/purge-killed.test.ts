// Real: the processes that are killed, PostgreSQL, journal, key store, disk store. Fake: what is in containers and keys.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { RecordingId } from '../../src/shared/ids.js'
import {
  type ArchivedRecording,
  fillArchive,
  hasContainer,
  hasKey,
  openArchive,
} from '../support/data/archive.js'
import { scratch, testDatabase } from '../support/processes/database.js'

/**
 * Kills in all, and recordings that are due in each purge: one is killed again and again until it is done. A hundred take two
 * minutes, so they are for whoever asks for them.
 */
const [KILLS, DUE] = [process.env['CONSENTRY_TEST_LONG'] ? 100 : 30, 1_000]
/** No kill at all, ms. */
const LONG = 600_000
const AT = Date.parse('2026-03-03T00:00:00Z')
const child = fileURLToPath(new URL('../support/processes/purge-child.js', import.meta.url))

const { db, server } = await testDatabase(t)
const dir = await scratch(t)
const archive = await openArchive(dir, db, server.url, { mirrors: 1 })
t.teardown(() => archive.deps.journal.stop())

/** A purge that waits for its word; begun ahead, for most of its time is the start of the process. */
async function waiting(): Promise<ChildProcess> {
  const args = [child, dir, server.url, String(AT)]
  const started = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(started.stdout!, 'data')
  return started
}

/**
 * Lets a purge run for so long, ms, and kills it.
 *
 * @param from its word to begin, or the moment at which the first keys go
 * @returns how long it ran, ms, from there, if it was done before
 */
async function killed(purge: ChildProcess, from: 'go' | 'begun', after: number): Promise<number | undefined> {
  const gone = once(purge, 'exit').then(() => undefined)
  const said = createInterface({ input: purge.stdout! })
  const heard = (word: string) =>
    new Promise<number>(resolve => said.on('line', line => line === word && resolve(performance.now())))
  const [begun, done] = [heard('begun'), heard('done')]
  purge.stdin!.write('go\n')
  const start = from === 'go' ? performance.now() : await Promise.race([begun, done])
  const timer = setTimeout(() => purge.kill('SIGKILL'), after)
  const end = await Promise.race([done, gone])
  clearTimeout(timer)
  purge.kill('SIGKILL')
  await gone
  return end === undefined ? undefined : end - start
}

/** Key files and containers that are still there. */
const filesLeft = (due: readonly ArchivedRecording[]) =>
  due.filter(kept => hasKey(archive, kept)).length + due.filter(kept => hasContainer(archive, kept)).length

t.test(`a purge of ${DUE}, killed at any moment, is finished by the next: each once, none lost`, async t => {
  let next = waiting()
  await fillArchive(archive, server.adminUrl, { count: DUE })
  let whole = await killed(await next, 'begun', LONG)
  t.ok(whole, 'a purge that nobody kills ends by itself')
  next = waiting()
  const [kills, done] = [{ early: 0, amid: 0, late: 0 }, { purges: 1 }]
  for (let kill = 0; kill < KILLS; done.purges++) {
    const due = await fillArchive(archive, server.adminUrl, { count: DUE })
    for (let first = true, finished: number | undefined; finished === undefined; ) {
      const purge = await next
      next = waiting()
      // One in ten while it looks for what is due, and marks it; the others while keys, containers and rows go.
      const from = kill % 10 === 0 ? 'go' : 'begun'
      finished = await killed(purge, from, kill < KILLS ? Math.random() * whole! : LONG)
      if (finished !== undefined) {
        // The machine may be busier or idler than it was: kills are spread over what a purge takes now.
        if (from === 'begun' && first) whole = finished
        break
      }
      const left = filesLeft(due)
      kills[left === 2 * DUE ? 'early' : left > 0 ? 'amid' : 'late']++
      first = false
      kill++
    }
    const all = { files: 0, destroyed: DUE, items: DUE, events: DUE }
    t.match({ files: filesLeft(due), ...(await stateOf(due.map(({ recording }) => recording))) }, all)
  }
  ;(await next).kill('SIGKILL')
  t.comment({ kills, ...done })
  t.ok(kills.amid + kills.late > KILLS / 4, 'many were killed amid their work')

  const acts = await db.selectFrom('act').select(['number', 'closed_at']).orderBy('number').execute()
  t.notOk(
    acts.some(({ closed_at }) => closed_at === null),
    'every act is closed',
  )
  const numbers = acts.map(({ number }) => number)
  t.strictSame(
    numbers,
    numbers.map((_, i) => i + 1),
    'their numbers have no gap',
  )
  const closings = await db.selectFrom('event').where('type', '=', 'act.closed').select('data').execute()
  t.equal(closings.length, acts.length, 'each was closed once')
  const told = closings.reduce((sum, { data }) => sum + Number(data['recordings']), 0)
  t.equal(told, done.purges * DUE, 'and they tell of every recording')
})

async function stateOf(ids: readonly RecordingId[]) {
  const rows = await db
    .selectFrom('recording')
    .leftJoin('act_item', join =>
      join.onRef('act_item.recording', '=', 'recording.id').onRef('act_item.act', '=', 'recording.act'),
    )
    .where('id', 'in', ids)
    .select(['state', 'act_item.recording as item', 'call_id'])
    .execute()
  const calls = rows.map(row => row.call_id)
  const events = await db
    .selectFrom('event')
    .where('type', '=', 'recording.destroyed')
    .where('call_id', 'in', calls)
    .select('id')
    .execute()
  return {
    destroyed: rows.filter(({ state }) => state === 'destroyed').length,
    items: rows.filter(({ item }) => item !== null).length,
    events: events.length,
  }
}
