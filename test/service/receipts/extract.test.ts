// Real: PostgreSQL, journal, transparency log, the command. Fake: the destruction, of which there are only events.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { compiled } from '../../../lab/process/compiled.js'
import { event } from '../../../src/core/events.js'
import { newActId } from '../../../src/core/ids.js'
import { startJournal } from '../../../src/journal/journal.js'
import { startLog } from '../../../src/log/start-log.js'
import { checkExtract } from '../../../src/receipts/extract/check-extract.js'
import { makeExtract } from '../../../src/receipts/extract/make-extract.js'
import { exactly, none } from '../../support/assertions/exactly.js'
import { recordedCall } from '../../support/data/call-events.js'
import { journalAct } from '../../support/data/journalled-act.js'
import { memoryLog } from '../../support/fakes/memory-log.js'
import { scratch, silent, testDatabase, until } from '../../support/processes/database.js'

const { db, server } = await testDatabase(t)
const data = await scratch(t)
const place = { dir: join(data, 'log'), keyFile: join(data, 'log.key'), origin: 'test.example/consentry' }
const log = startLog(place, server.url, silent)
t.teardown(() => log.stop())
const journal = startJournal(server.url, silent)
t.teardown(() => journal.stop())

await journal.append(recordedCall().events, 60_000)
const callers = Array.from({ length: 7 }, (_, i) => `+7900123456${i}`)
const act = await journalAct(db, journal, { number: 1, callers })
const other = await journalAct(db, journal, { number: 2, callers: callers.slice(0, 2), cause: 'erasure' })

// From now on the log's folder exists. The last events may not be in the log yet.
await until(() => log.state.size > 0)

async function extract(id = act.id): Promise<string> {
  let text = ''
  for await (const piece of makeExtract(db, id, { log: place.dir })) text += piece
  return text
}
async function* bytes(content: string | Uint8Array) {
  yield Buffer.from(content)
}
const text = await extract()
const key = readFileSync(join(place.dir, 'key.pub'), 'utf8').trim()
const check = (content: string | Uint8Array, keys = [key]) => checkExtract(bytes(content), keys)
const lines = text.split('\n')
const FIRST = 7
const withLines = (change: (lines: string[]) => void): string => {
  const copy = [...lines]
  change(copy)
  return copy.join('\n')
}

t.test('an extract verifies, and is JSON that describes the act', async t => {
  const checked = await check(text)
  t.same(checked.faults, [])
  t.equal(checked.events, callers.length + 1)
  const document = JSON.parse(text)
  t.match(document, {
    consentryExtract: 1,
    statement: {
      act: act.id,
      number: 1,
      cause: 'term',
      by: 'consentry',
      recordings: 7,
      keepUntil: '2029-03-03',
    },
    key,
  })
  t.same(checked.statement, document.statement)
  const destroyed = document.events.map(({ leaf }: { leaf: string }) => JSON.parse(leaf).data.recording)
  t.same(
    destroyed.slice(0, -1),
    act.calls.map(({ recording }) => recording),
  )
  t.notMatch(text, /7900123456/, 'the extract names no person')
})

t.test('an extract is read in pieces of any size', async t => {
  async function* crumbs() {
    const all = Buffer.from(text)
    for (let at = 0; at < all.length; at += 13) yield all.subarray(at, at + 13)
  }
  t.same((await checkExtract(crumbs(), [key])).faults, [])
})

t.test('an omitted, added or moved destruction is found', async t => {
  const left = await check(withLines(copy => copy.splice(FIRST + 2, 1)))
  t.match(
    left.faults,
    exactly({ kind: 'extract-incomplete', what: 'recordings in the act: 7, in this extract: 6' }),
  )
  const moved = await check(withLines(copy => copy.splice(FIRST, 2, copy[FIRST + 1]!, copy[FIRST]!)))
  t.match(moved.faults, exactly({ kind: 'extract-event-unproven', what: /order/, where: 'line 9' }))
  const twice = await check(withLines(copy => copy.splice(FIRST, 0, copy[FIRST]!)))
  t.match(twice.faults, exactly({ what: /order/ }))
  // Of the same log, but of another act and under another checkpoint.
  const theirs = (await extract(other.id)).split('\n')
  const mixed = [...theirs.slice(0, FIRST), ...lines.slice(FIRST, FIRST + 1), ...theirs.slice(FIRST)].join(
    '\n',
  )
  t.ok((await check(mixed)).faults.length > 0)
  const open = await check(withLines(copy => copy.splice(-3, 1)).replace(/,\n\]\}/, '\n]}'))
  t.match(open.faults, exactly({ kind: 'extract-incomplete', what: /closed the act is missing/ }))
})

t.test('a fault has the value in the file and the logged value', async t => {
  const later = await check(text.replace('"cause":"term"', '"cause":"erasure"'))
  t.match(
    later.faults,
    exactly({
      kind: 'extract-statement-differs',
      what: 'it says "erasure", the log says "term"',
      where: 'statement.cause',
    }),
  )
  const forged = await check(withLines(copy => copy.splice(FIRST, 1, copy[FIRST]!.replace('term', 'rent'))))
  t.match(
    forged.faults,
    exactly({ kind: 'extract-event-unproven', what: /recording\.destroyed at index/, where: 'line 8' }),
  )
})

t.test('every changed, removed or added byte is found', async t => {
  const whole = Buffer.from(text)
  const damage = fc.record({
    at: fc.nat(whole.length - 1),
    dropped: fc.integer({ min: 0, max: 1 }),
    put: fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }),
  })
  await fc.assert(
    fc.asyncProperty(damage, async ({ at, dropped, put }) => {
      const between = put === undefined ? [] : [put]
      const copy = Buffer.concat([whole.subarray(0, at), Buffer.from(between), whole.subarray(at + dropped)])
      return copy.equals(whole) || (await check(copy)).faults.length > 0
    }),
    { numRuns: 2_000 },
  )
  t.ok((await check(`${text}\n`)).faults.length > 0)
  t.ok((await check(text.slice(0, -1))).faults.length > 0)
  t.ok((await check('')).faults.length > 0)
})

t.test('an extract does not verify by another key', async t => {
  const stranger = memoryLog(recordedCall().events)
  t.match(await check(text, [stranger.key]), { faults: exactly({ kind: 'extract-key-unknown' }) })
  const renamed = withLines(copy => copy.splice(3, 1, copy[3]!.replace(key, stranger.key)))
  t.match(await check(renamed, [stranger.key]), { faults: exactly({ kind: 'extract-unsigned' }) })
})

t.test('an open act has no extract', async t => {
  const id = newActId()
  await db.insertInto('act').values({ id, cause: 'term', reason: 'r', by: 'b' }).execute()
  await t.rejects(extract(id), { code: 'not-found', message: /not closed/ })
})

t.test('an earlier extract verifies after the log has grown', async t => {
  await journal.append(
    [event('service.started', null, Date.now(), { version: '1', node: 'n', keys: [], purposes: [] })],
    60_000,
  )
  t.same((await check(text)).faults, [])
})

t.test('consentry verify works without a database', async t => {
  const dir = await scratch(t)
  const file = join(dir, 'act.json')
  writeFileSync(file, text)
  const verify = (...args: string[]) =>
    spawnSync(process.execPath, [compiled('cli'), 'verify', file, '--key', key, ...args], {
      env: { PATH: process.env['PATH'], CONSENTRY_DATA: dir },
      encoding: 'utf8',
    })
  t.match(verify(), { status: 0, stdout: /Holds.*\n.*act 1 .* 7 recordings/ })
  const json = verify('--json')
  t.match(JSON.parse(json.stdout), {
    ok: true,
    checked: { events: 8, recordings: 7, extracts: 1 },
    faults: none,
  })
  writeFileSync(file, text.replace('Retention', 'Detention'))
  const refused = verify('--json')
  t.equal(refused.status, 1)
  t.match(JSON.parse(refused.stdout), { ok: false, faults: exactly({ kind: 'extract-statement-differs' }) })
})
