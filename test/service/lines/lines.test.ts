// Real: PostgreSQL, the journal, stores and keys on disk, the command as a process. Nothing is fake.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import type { Actor } from '../../../src/core/actor.js'
import { systemClock } from '../../../src/core/clock.js'
import { event } from '../../../src/core/events.js'
import { openDatabase, sql } from '../../../src/db/database.js'
import { startJournal } from '../../../src/journal/journal.js'
import { PROJECTION } from '../../../src/journal/write/projection.js'
import { saveLines } from '../../../src/lines/save-lines.js'
import type { Line } from '../../../src/lines/validate.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { consentry, tester } from '../../support/processes/command.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { BEGIN_HELD, scratch, silent, testDatabase, until } from '../../support/processes/database.js'

const { db, server, asOwner } = await testDatabase(t)
const dir = await scratch(t)
const env = { DATABASE_URL: server.url, CONSENTRY_DATA: join(dir, 'data') }
const boris: Actor = { name: 'boris', way: 'command', roles: ['superuser'] }
const line: Line = { ...labLines[1]!, number: '700' }

const journal = startJournal(server.url, silent)
t.teardown(() => journal.stop())
const deps = { db, journal, clock: systemClock }

const changes = async (number: string) => {
  const { rows } = await asOwner.query<{
    data: { before: Line | null; after: Line & { version: number }; stated?: string[] }
  }>(
    `select event.data || coalesce(p.data, '{}') as data from event left join event_personal p on p.event = uuid
    where type = 'line.changed' and event.data -> 'after' ->> 'number' = $1 order by id`,
    [number],
  )
  // Which fields the line states is shown in the tests of groups.
  return rows.map(({ data: { stated: _, ...data } }) => data)
}

const versions = async (number: string) => {
  const { rows } = await asOwner.query(
    'select version, active, policy from line where number = $1 order by version',
    [number],
  )
  return rows as { version: number; active: boolean; policy: object }[]
}

/** `consentry line set FILE`. */
async function set(content: unknown, ...more: string[]) {
  const file = join(dir, 'lines.json')
  await writeFile(file, JSON.stringify(content))
  return consentry(env, 'line', 'set', file, '--json', ...more)
}

t.test('the journal has who changed a line, by which way, and how it was before', async t => {
  t.match(await set(line), { code: 0 })
  const noticed = { ...line, mode: 'notice', disclosure: 'disclosure-notice' }
  const { code, out } = await set(noticed, '--by', 'anna')
  t.equal(code, 0)
  t.strictSame(JSON.parse(out), [{ ...noticed, version: 2 }])
  t.strictSame(await changes('700'), [
    { by: tester, way: 'command', before: null, after: { ...line, version: 1 } },
    { by: 'anna', way: 'command', before: { ...line, version: 1 }, after: { ...noticed, version: 2 } },
  ])
  matchEach(t, await versions('700'), [
    { version: 1, active: false },
    { version: 2, active: true, policy: { mode: 'notice' } },
  ])
  matchEach(t, JSON.parse((await consentry(env, 'line', 'list', '--json')).out), [
    { number: '700', version: 2 },
  ])
})

t.test('a line of which callers hear something else is refused, with what they hear', async t => {
  const before = await versions('700')
  const { code, err } = await set({ ...line, keys: { ...line.keys, yes: '5' }, onWithdraw: 'keep' })
  t.equal(code, 1)
  t.match(err, 'line 700, keys.yes: the prompt "disclosure-key" says key 1 for yes, but this line takes 5')
  t.match(err, 'line 700, keys.yes: the prompt "question" says key 1 for yes, but this line takes 5')
  t.notMatch(err, 'onWithdraw', 'of which they hear nothing')
  t.match(err, /Change the line, or have other words spoken: see Prompts in docs\/lines\.md/)
  t.strictSame(await versions('700'), before)
})

t.test('several changes at once make one chain of versions', async t => {
  const waits = [1_000, 2_000, 3_000, 4_000, 5_000]
  await Promise.all(
    waits.map(async waitMs => {
      const own = startJournal(server.url, silent)
      const ownDb = openDatabase(server.url, CONNECTION_LIMIT_MS)
      try {
        await saveLines({ db: ownDb, journal: own, clock: systemClock }, boris, [
          { ...line, number: '702', waitMs },
        ])
      } finally {
        await own.stop()
        await ownDb.close()
      }
    }),
  )
  const found = await changes('702')
  t.strictSame(
    found.map(({ after }) => after.version),
    [1, 2, 3, 4, 5],
  )
  for (const [i, { before }] of found.entries()) t.strictSame(before, found[i - 1]?.after ?? null)
  t.strictSame(found.map(({ after }) => after.waitMs).sort(), waits)
  t.strictSame(
    (await versions('702')).map(({ version, active }) => [version, active]),
    [1, 2, 3, 4, 5].map(version => [version, version === 5]),
  )
})

t.test('lines of one change are saved all or none, and a number twice as two versions', async t => {
  const twice = [
    { ...line, number: '703', waitMs: 1_000 },
    { ...line, number: '703', waitMs: 2_000 },
  ]
  t.strictSame(
    (await saveLines(deps, boris, twice)).map(({ version }) => version),
    [1, 2],
  )
  matchEach(t, await versions('703'), [{ active: false }, { active: true, policy: { waitMs: 2_000 } }])

  // A version that was written past the journal, and that nobody can see yet.
  await asOwner.query(BEGIN_HELD)
  await asOwner.query(
    `insert into line (number, version, policy, event, stated) values ('705', 1, '{}', gen_random_uuid(), '[]')`,
  )
  const saving = saveLines(deps, boris, [
    { ...line, number: '704' },
    { ...line, number: '705' },
  ])
  const refused = t.rejects(saving, { code: 'journal.refused' })
  await waitsForRow()
  await asOwner.query('commit')
  await refused
  t.strictSame(await changes('704'), [])
  t.strictSame(await versions('704'), [])
  t.strictSame(await changes('705'), [], 'no event without its row')
})

/** Resolves once a session of the journal waits for somebody else's row. */
async function waitsForRow(): Promise<void> {
  await until(async () => {
    const { rows } = await sql`select from pg_stat_activity where wait_event = 'transactionid'`.execute(db)
    return rows.length > 0
  })
}

t.test('a line whose number was put out of force gets the next version', async t => {
  await saveLines(deps, boris, [{ ...line, number: '706' }])
  await asOwner.query(`update line set active = false where number = '706'`)
  matchEach(t, await saveLines(deps, boris, [{ ...line, number: '706' }]), [{ version: 2 }])
  t.match((await changes('706'))[1], { before: null, after: { version: 2 } })
})

t.test('a policy that no event can hold with its old version is refused', async t => {
  const long = 'Ы'.repeat(1_000)
  const purposes = Array.from({ length: 8 }, (_, i) => ({
    ...line.purposes[0]!,
    purpose: `purpose-${i}`,
    legalBasis: long,
    longerBecause: long,
  }))
  await saveLines(deps, boris, [{ ...line, number: '707', purposes }])
  await t.rejects(saveLines(deps, boris, [{ ...line, number: '707', purposes }]), {
    code: 'policy.invalid',
    message: /707/,
  })
  t.equal((await changes('707')).length, 1)
})

t.test('while the database is away, a line is neither changed nor journalled', async t => {
  const away = startJournal('postgres://nobody:x@127.0.0.1:1/none', silent)
  t.teardown(() => away.stop())
  await t.rejects(saveLines({ ...deps, journal: away }, boris, [{ ...line, number: '708' }]))
  t.strictSame(await versions('708'), [])
  t.strictSame(await changes('708'), [])
})

t.test('the same event applied again changes nothing', async t => {
  const before = await versions('700')
  const { sql: project } = PROJECTION.find(({ type }) => type === 'line.changed')!
  const { rows } = await asOwner.query<{ id: number }>(`select id from event where type = 'line.changed'`)
  for (const { id } of rows) await asOwner.query(project, [[id]])
  await asOwner.query(project, [rows.map(({ id }) => id)])
  t.strictSame(await versions('700'), before)
  const stray = event('line.changed', null, Date.now(), {
    by: 'boris',
    way: 'command',
    before: null,
    after: { ...line, version: 1, waitMs: 9_000 },
    stated: [],
  })
  await t.rejects(journal.append([stray], 10_000), { code: 'journal.refused' }, 'a version is never replaced')
})
