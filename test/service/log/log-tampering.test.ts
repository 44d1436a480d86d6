// Real: PostgreSQL, files of the transparency log. Fake: none.
// The superuser changes the database with every trigger off, and root changes the files.
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startJournal } from '../../../src/journal/journal.js'
import { CHECKPOINTS_FILE, LogFolder } from '../../../src/log/log-folder.js'
import { eventsBetween } from '../../../src/log/log-rows.js'
import { KeyChain } from '../../../src/log/notes/key-chain.js'
import { createSigningKey } from '../../../src/log/notes/log-key.js'
import { parseVerifier } from '../../../src/log/notes/note.js'
import { startLog } from '../../../src/log/start-log.js'
import { leafOf } from '../../../src/log/tree/leaf.js'
import { edgeTiles, tilePath } from '../../../src/log/tree/tile.js'
import { silent, until } from '../../support/processes/database.js'
import {
  faultLines,
  journalAndLog,
  logSettingsIn,
  ORIGIN,
  someEvents,
  startLogSetup,
  verifyDatabase,
} from '../../support/processes/tlog.js'

const EVENTS = 700
const home = await startLogSetup(t)
const settings = logSettingsIn(home.dir)
const events = someEvents(EVENTS)
await journalAndLog(home.url(), settings, events.slice(0, 300))
await copyDatabase('older')
await journalAndLog(home.url(), settings, events.slice(300))
await copyDatabase('fork')
await copyDatabase('other')
await cp(settings.dir, logSettingsIn(join(home.dir, 'fork')).dir, { recursive: true })
await cp(settings.keyFile, logSettingsIn(join(home.dir, 'fork')).keyFile)
/** A physical copy of the database as it is now. */
async function copyDatabase(name: string): Promise<void> {
  const server = await home.superuser('postgres')
  await server.query(`create database ${name} template consentry`)
  await server.close()
}
const check = (more = {}) => verifyDatabase(home.url(), settings.dir, more)
const database = await home.superuser()
t.teardown(() => database.close())
const all = await database.query<{ id: number }>('select id from event order by id')
const ids = all.rows.map(({ id }) => id)

/** Changes the database, verifies, and changes it back. */
async function tampered(change: string, back: string): Promise<string[]> {
  await database.query(change)
  const verdict = await check()
  await database.query(back)
  return faultLines(verdict)
}

t.test('an untouched journal verifies', async t => {
  const { checked, faults } = await check()
  t.strictSame(faults, [])
  t.equal(checked.events, EVENTS)
  t.equal(checked.personal, EVENTS / 5)
  t.ok(checked.checkpoints >= 2)
})

t.test('a changed row is found, in every column', async t => {
  const [at, id] = [411, ids[411]!]
  const changes = [
    [`data = '{"purpose":"service","attempt":99}'`, 'data'],
    [`at = at + interval '1 microsecond'`, 'at'],
    [`type = 'call.answered'`, 'type'],
    ['call_id = null', 'call_id'],
    [`personal_hash = sha256('')`, 'personal_hash'],
  ] as const
  await database.query('create table kept as select * from event where id = $1', [id])
  for (const [change, column] of changes) {
    await database.query(`update event set ${change} where id = ${id}`)
    const { faults } = await check()
    await database.query(
      `update event e set ${column} = k.${column} from (select * from kept) k where e.id = k.id`,
    )
    t.strictSame(
      faults.map(({ kind, where }) => [kind, where]),
      [['event-changed', `event ${id}`]],
      `${column} of event ${at}`,
    )
  }
  await database.query('drop table kept')
})

t.test('deleted rows are found, one or many, anywhere', async t => {
  const cases: [from: number, to: number, where: string][] = [
    [0, 0, `event ${ids[0]}`],
    [411, 411, `event ${ids[411]}`],
    [250, 300, `events ${ids[250]} to ${ids[300]}`],
    [698, 699, `events ${ids[698]} to ${ids[699]}`],
  ]
  for (const [from, to, where] of cases) {
    const faults = await tampered(
      `create table kept as select * from event where id between ${ids[from]} and ${ids[to]};
       delete from event where id in (select id from kept)`,
      'insert into event overriding system value select * from kept; drop table kept',
    )
    t.strictSame(faults, [`event-missing: ${where}`])
  }
})

t.test('an inserted row is found', async t => {
  await database.query('update event set id = -id where id > $1', [ids[500]!])
  await database.query('update event set id = -id + 1 where id < 0')
  await database.query(
    `insert into event (id, uuid, at, type, data) overriding system value
     values (${ids[500]! + 1}, gen_random_uuid(), now(), 'service.stopped', '{"reason":"none"}')`,
  )
  const faults = faultLines(await check())
  await database.query(`delete from event where type = 'service.stopped'`)
  const moved = ids.slice(501).map(id => `order-changed: event ${id}`)
  t.strictSame(faults, [...moved, `event-inserted: event ${ids[501]}`])
  await database.query('update event set id = -id where id > $1', [ids[500]!])
  await database.query('update event set id = -id - 1 where id < 0')
  t.strictSame(faultLines(await check()), [])
})

t.test('a row inserted into a gap of the ids is found', async t => {
  const free = ids[0]! - 1
  const faults = await tampered(
    `insert into event (id, uuid, at, type, data) overriding system value
     values (${free}, gen_random_uuid(), now(), 'service.stopped', '{"reason":"none"}')`,
    `delete from event where id = ${free}`,
  )
  t.strictSame(faults, [`event-inserted: event ${free}`])
})

t.test('swapped rows are found', async t => {
  const [a, b] = [ids[100]!, ids[600]!]
  const swap = `update event set id = case id when ${a} then -${b} else -${a} end where id in (${a}, ${b});
    update event set id = -id where id < 0`
  const moved = [a, b].map(id => `order-changed: event ${id}`)
  t.strictSame((await tampered(swap, swap)).sort(), moved.sort())
})

t.test('a replaced row is found', async t => {
  const id = ids[411]!
  const { rows } = await database.query<{ uuid: string }>('select uuid from event where id = $1', [id])
  const faults = await tampered(
    `update event set uuid = gen_random_uuid() where id = ${id}`,
    `update event set uuid = '${rows[0]!.uuid}' where id = ${id}`,
  )
  t.strictSame(faults, [`event-changed: event ${id}`])
})

t.test('personal parts may be erased, but not changed or added', async t => {
  const { rows } = await database.query<{ id: number; event: string }>(
    'select e.id, e.uuid as event from event e join event_personal p on p.event = e.uuid order by e.id limit 3',
  )
  const [one, other] = rows
  t.strictSame(
    await tampered(
      `update event_personal set data = jsonb_set(data, '{caller}', '"+70000000000"') where event = '${one!.event}'`,
      `update event_personal set data = jsonb_set(data, '{caller}', '"+79001234567"') where event = '${one!.event}'`,
    ),
    [`personal-changed: event ${one!.id}`],
  )
  const bare = (
    await database.query<{ id: number; uuid: string }>(
      'select id, uuid from event where personal_hash is null limit 1',
    )
  ).rows[0]!
  t.strictSame(
    await tampered(
      `insert into event_personal select '${bare.uuid}', data, salt from event_personal limit 1`,
      `delete from event_personal where event = '${bare.uuid}'`,
    ),
    [`personal-changed: event ${bare.id}`],
  )
  await database.query(`delete from event_personal where event = '${other!.event}'`)
  const { checked, faults } = await check()
  t.strictSame(faults, [])
  t.equal(checked.personal, EVENTS / 5 - 1)
})

t.test('changed, removed and invented checkpoints are found', async t => {
  await database.query('create table kept_checkpoint as select * from log_checkpoint')
  const restore = `delete from log_checkpoint; insert into log_checkpoint select * from kept_checkpoint`
  const { rows } = await database.query<{ size: number; note: string }>(
    'select size, note from log_checkpoint order by size',
  )
  const { size, note } = rows[0]!
  const row = `log_checkpoint ${size}`
  const signature = note.slice(-20, -10)
  t.strictSame(
    await tampered(
      `update log_checkpoint set note = replace(note, '${signature}', 'AAAAAAAAAA') where size = ${size}`,
      restore,
    ),
    [`checkpoint-forged: ${row}`],
  )
  t.strictSame(
    (await tampered(`update log_checkpoint set root = sha256('') where size = ${size}`, restore)).sort(),
    [`checkpoint-forged: ${row}`, `checkpoint-missing: ${row}`],
  )
  t.strictSame(await tampered(`delete from log_checkpoint where size = ${size}`, restore), [
    `checkpoint-missing: ${row}`,
  ])
  const file = join(settings.dir, CHECKPOINTS_FILE)
  const anchors = await readFile(file, 'utf8')
  await writeFile(file, anchors.replace(signature, 'AAAAAAAAAA'))
  t.strictSame(faultLines(await check()), [`checkpoint-forged: ${CHECKPOINTS_FILE} ${size}`])
  await writeFile(file, anchors.slice(anchors.indexOf('\n\n', anchors.indexOf('\n\n') + 2) + 2))
  t.strictSame(faultLines(await check()), [`checkpoint-missing: ${CHECKPOINTS_FILE} ${size}`])
  await writeFile(file, anchors)
})

t.test('another key does not count as the log’s', async t => {
  const other = await createSigningKey(join(home.dir, 'other.key'), ORIGIN)
  const { rows } = await database.query<{ key: string }>('select key from log')
  const faults = await tampered(
    `update log set key = '${other.verifier}'`,
    `update log set key = '${rows[0]!.key}'`,
  )
  t.strictSame(faults, ['checkpoint-forged: log'])
  const strange = faultLines(await check({ key: other.verifier }))
  t.ok(strange.includes('checkpoint-forged: log'))
  t.ok(strange.includes('checkpoint-forged: checkpoint'))
})

t.test(
  'forged tiles are found, of every level, full and partial, and rows are not blamed for them',
  async t => {
    const bundles = [
      { level: 'entries', n: 0, width: 256 },
      { level: 'entries', n: 2, width: EVENTS % 256 },
    ] as const
    const tiles = [{ level: 0, n: 0, width: 256 }, ...edgeTiles(EVENTS), ...bundles]
    for (const name of tiles) {
      const path = join(settings.dir, tilePath(name))
      const content = await readFile(path)
      const forged = Buffer.from(content)
      forged[Math.floor(forged.length / 2)]! ^= 1
      await writeFile(path, forged)
      t.strictSame(faultLines(await check()), [`tile-forged: ${tilePath(name)}`])
      await rm(path)
      t.strictSame(faultLines(await check()), [`tile-forged: ${tilePath(name)}`], 'and when it is gone')
      await writeFile(path, content)
    }
  },
)

/** Rebuilds every tile of a log from the database. */
async function forgeTiles(dir: string): Promise<void> {
  const { rows } = await database.query<{ key: string }>('select key from log')
  const folder = await LogFolder.open(dir, KeyChain.from(parseVerifier(rows[0]!.key)!))
  for (const row of await eventsBetween(database, 0, ids.at(-1)!, EVENTS)) folder.add(leafOf(row))
  await folder.publish([(await folder.files.checkpoint())!])
}

t.test('a changed row is found even if its tiles were forged as well', async t => {
  const id = ids[10]!
  await database.query('create table kept as select * from event where id = $1', [id])
  await database.query(`update event set data = '{"purpose":"service","attempt":99}' where id = ${id}`)
  const copy = join(home.dir, 'forged')
  await cp(settings.dir, copy, { recursive: true })
  await rm(join(copy, 'tile'), { recursive: true })
  // The forger has no key, but makes every tile again from the changed rows, as a service would.
  await forgeTiles(copy)
  const { faults } = await verifyDatabase(home.url(), copy)
  t.ok(faults.length > 0)
  t.ok(faults.some(({ kind }) => kind === 'tile-forged'))
  const where = faults.find(({ kind }) => kind === 'event-changed')?.where
  t.equal(where, 'leaves 0 to 299', 'up to the first signed root that fails')
  await database.query(`update event e set data = k.data from kept k where e.id = k.id; drop table kept`)
  t.strictSame(faultLines(await check()), [])
})

t.test('a database restored from an older dump is found, and its log is not extended', async t => {
  const older = home.url('older')
  const lost = `rolled-back: events ${ids[300]} to ${ids[699]}`
  t.strictSame(faultLines(await verifyDatabase(older, settings.dir)), [lost])
  const before = await readFile(join(settings.dir, CHECKPOINTS_FILE), 'utf8')
  const journal = startJournal(older, silent)
  journal.note(...someEvents(5))
  const log = startLog(settings, older, silent)
  await until(() => log.state.fault !== undefined)
  t.match(log.state.fault, /restored/)
  await journal.stop()
  await log.stop()
  t.equal(await readFile(join(settings.dir, CHECKPOINTS_FILE), 'utf8'), before, 'nothing new was signed')
  const again = faultLines(await verifyDatabase(older, settings.dir))
  t.ok(again.includes(`event-changed: event ${ids[300]}`), 'a new event in the place of one that was lost')
})

t.test('a forked copy with a copy of the key is found by the checkpoints of the other', async t => {
  const copy = logSettingsIn(join(home.dir, 'fork'))
  await journalAndLog(home.url('fork'), copy, someEvents(3))
  t.strictSame(faultLines(await verifyDatabase(home.url('fork'), copy.dir)), [], 'by itself it holds')
  await journalAndLog(home.url('other'), settings, someEvents(3))
  const anchors = [join(settings.dir, CHECKPOINTS_FILE)]
  t.strictSame(faultLines(await verifyDatabase(home.url('fork'), copy.dir, { checkpointFiles: anchors })), [
    `forked: ${CHECKPOINTS_FILE} 703`,
  ])
})
