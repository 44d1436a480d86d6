// Real: PostgreSQL and its locks, two processes that keep one transparency log and are killed. Fake: none.
// Each process has its own folder. They are killed at random moments.
// Long: three times as many kills.
import { spawn } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { newEventId } from '../../src/core/ids.js'
import { connect } from '../../src/db/connection.js'
import { startJournal } from '../../src/journal/journal.js'
import { CHECKPOINTS_FILE } from '../../src/log/log-folder.js'
import { checkpointOf } from '../../src/log/notes/checkpoint.js'
import { CheckpointFile } from '../../src/log/notes/checkpoint-file.js'
import { isLong } from '../support/fuzz/seeded.js'
import { BEGIN_HELD, silent } from '../support/processes/database.js'
import {
  faultLines,
  journalAndLog,
  logSettingsIn,
  someEvents,
  startLogSetup,
  updateLog,
  verifyDatabase,
} from '../support/processes/tlog.js'

/** Number of kills. */
const KILLS = isLong ? 60 : 20
const WRITERS = 3
/** How long a process lives, ms. The shortest life ends before the first connection, the longest after some rounds. */
const LIFE = { least: 120, most: 420 }
const child = fileURLToPath(new URL('../support/processes/log-child.js', import.meta.url))
const random = (least: number, most: number) => least + Math.random() * (most - least)

const home = await startLogSetup(t)
const places = ['one', 'two'].map(name => logSettingsIn(join(home.dir, name), { roundMs: 5 }))
const [one, two] = places as [(typeof places)[0], (typeof places)[0]]
await journalAndLog(home.url(), one, someEvents(10))
await cp(one.keyFile, two.keyFile, { recursive: true })

/** Writes like the journal, but slowly, and rolls back every third transaction. */
async function slowWriter(stopped: () => boolean): Promise<string[]> {
  const connection = await connect(home.url(), 'test writer')
  const committed: string[] = []
  while (!stopped()) {
    const uuids = Array.from({ length: Math.ceil(random(0, 4)) }, newEventId)
    await connection.query(BEGIN_HELD)
    for (const uuid of uuids) {
      await connection.query(
        `insert into event (uuid, at, type, data) values ($1, now(), 'service.stopped', '{"reason":"test"}')`,
        [uuid],
      )
      await pause(random(0, 15))
    }
    const keep = random(0, 3) > 1
    await connection.query(keep ? 'commit' : 'rollback')
    if (keep) committed.push(...uuids)
  }
  await connection.close()
  return committed
}

/** Starts a process again and again, and kills it each time. */
async function killed(settings: (typeof places)[0], times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const process_ = spawn(process.execPath, [child, home.url(), JSON.stringify(settings)], {
      stdio: 'ignore',
    })
    const gone = new Promise(resolve => process_.once('exit', resolve))
    await pause(random(LIFE.least, LIFE.most))
    process_.kill('SIGKILL')
    await gone
  }
}

async function notesIn(dir: string): Promise<string[]> {
  const anchors = new CheckpointFile(join(dir, CHECKPOINTS_FILE))
  const notes: string[] = []
  for await (const note of anchors.notes(await anchors.length())) notes.push(note)
  return notes
}

t.test(
  `after ${KILLS} kills every committed event is in the log once, and all folders have the same checkpoints`,
  async t => {
    let over = false
    const writers = Array.from({ length: WRITERS }, () => slowWriter(() => over))
    const journal = startJournal(home.url(), silent)
    const noted = setInterval(() => journal.note(...someEvents(3)), 20)
    await Promise.all(places.map(settings => killed(settings, KILLS / places.length)))
    over = true
    clearInterval(noted)
    await journal.stop()
    const committed = (await Promise.all(writers)).flat()
    for (const settings of places) await updateLog(home.url(), settings)

    const database = await home.superuser()
    const uuids = (await database.query<{ uuid: string }>('select uuid from event order by id')).rows.map(
      ({ uuid }) => uuid,
    )
    const rows = (await database.query<{ note: string }>('select note from log_checkpoint order by size'))
      .rows
    await database.close()
    t.ok(committed.length > KILLS, `${committed.length} slow events, ${uuids.length} in all`)
    t.strictSame(
      committed.filter(uuid => !uuids.includes(uuid)),
      [],
    )
    for (const { dir } of places) {
      const verdict = await verifyDatabase(home.url(), dir)
      t.strictSame(faultLines(verdict), [], 'journal, tiles and checkpoints verify')
      t.equal(verdict.checked.events, uuids.length, 'every event is logged once')
    }
    const kept = await Promise.all(places.map(({ dir }) => notesIn(dir)))
    const all = rows.map(({ note }) => note)
    for (const notes of kept) t.strictSame(notes, all, 'each folder has every checkpoint')
    const sizes = all.map(note => checkpointOf(note)!.size)
    t.strictSame(
      sizes,
      [...new Set(sizes)].sort((a, b) => a - b),
    )
  },
)
