// Real: PostgreSQL, journal, key store, disk store, the processes that are killed. Fake: the content of containers and keys.
// Long: more kills of larger purges.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { RecordingId } from '../../src/core/ids.js'
import {
  type ArchivedRecording,
  fillArchive,
  hasContainer,
  hasKey,
  openArchive,
} from '../support/data/archive.js'
import { isLong } from '../support/fuzz/seeded.js'
import { scratch, testDatabase } from '../support/processes/database.js'

/** Number of kills, and of recordings that are due in each purge. A purge is killed again and again until it is done. */
const [KILLS, DUE] = isLong ? [40, 1_000] : [10, 300]
/** Time until a kill that never comes, ms. */
const LONG = 600_000
const AT = Date.parse('2026-03-03T00:00:00Z')
const child = fileURLToPath(new URL('../support/processes/purge-child.js', import.meta.url))

const { db, server } = await testDatabase(t)
const dir = await scratch(t)
const archive = await openArchive(dir, db, server.url, { mirrors: 1 })
t.teardown(() => archive.deps.journal.stop())

/** Starts a purge that waits for `go`. It is started ahead, because most of its time is the start of the process. */
async function waiting(): Promise<ChildProcess> {
  const args = [child, dir, server.url, String(AT)]
  const started = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(started.stdout!, 'data')
  return started
}

/**
 * Runs a purge and kills it.
 *
 * @param from the start of the time: the word `go`, or the destruction of the first keys
 * @param after the time until the kill, ms
 * @returns the duration of the purge, ms, if it ended before the kill
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

/** Number of key files and containers that remain. */
const filesLeft = (due: readonly ArchivedRecording[]) =>
  due.filter(kept => hasKey(archive, kept)).length + due.filter(kept => hasContainer(archive, kept)).length

t.test(
  `a purge of ${DUE}, killed at any moment, is finished by the next purge, and destroys each recording once`,
  async t => {
    let next = waiting()
    await fillArchive(archive, server.adminUrl, { count: DUE })
    let whole = await killed(await next, 'begun', LONG)
    t.ok(whole, 'a purge without a kill ends by itself')
    next = waiting()
    const [kills, done] = [{ early: 0, amid: 0, late: 0 }, { purges: 1 }]
    for (let kill = 0; kill < KILLS; done.purges++) {
      const due = await fillArchive(archive, server.adminUrl, { count: DUE })
      for (let first = true, finished: number | undefined; finished === undefined; ) {
        const purge = await next
        next = waiting()
        // One kill in ten comes while the purge finds and marks recordings, the others while it destroys them.
        const from = kill % 10 === 0 ? 'go' : 'begun'
        finished = await killed(purge, from, kill < KILLS ? Math.random() * whole! : LONG)
        if (finished !== undefined) {
          // The load of the machine changes, so kills are spread over the present duration of a purge.
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
    t.ok(kills.amid + kills.late > KILLS / 4, 'many kills came during the destruction')

    const acts = await db.selectFrom('act').select(['number', 'closed_at']).orderBy('number').execute()
    t.notOk(
      acts.some(({ closed_at }) => closed_at === null),
      'every act is closed',
    )
    const numbers = acts.map(({ number }) => number)
    t.strictSame(
      numbers,
      numbers.map((_, i) => i + 1),
      'the numbers of the acts have no gap',
    )
    const closings = await db.selectFrom('event').where('type', '=', 'act.closed').select('data').execute()
    t.equal(closings.length, acts.length, 'each act was closed once')
    const counted = closings.reduce((sum, { data }) => sum + Number(data['recordings']), 0)
    t.equal(counted, done.purges * DUE, 'the events count every recording')
  },
)

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
