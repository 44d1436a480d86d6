// Real: PostgreSQL, journal, transparency log, stores. Fake: the clock, the content of containers and keys.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../../../src/core/clock.js'
import { startLog } from '../../../../src/log/start-log.js'
import { checkExtract } from '../../../../src/receipts/extract/check-extract.js'
import { makeExtract } from '../../../../src/receipts/extract/make-extract.js'
import { actDocument } from '../../../../src/recordings/acts/act-document.js'
import { findAct } from '../../../../src/recordings/acts/act-rows.js'
import { runPurge } from '../../../../src/recordings/retain/run-purge.js'
import { fillArchive, openArchive } from '../../../support/data/archive.js'
import { scratch, silent, testDatabase, until } from '../../../support/processes/database.js'

const { db, server } = await testDatabase(t)
const archive = await openArchive(await scratch(t), db, server.url)
t.teardown(() => archive.deps.journal.stop())
const data = await scratch(t)
const place = { dir: join(data, 'log'), keyFile: join(data, 'log.key'), origin: 'test.example/consentry' }
const log = startLog(place, server.url, silent)
t.teardown(() => log.stop())

t.test('the act and the extract list what a purge destroyed, and the extract can be verified', async t => {
  const COUNT = 1_200
  const kept = await fillArchive(archive, server.adminUrl, { count: COUNT })
  const at = Date.parse('2026-03-03T00:00:00Z')
  const deps = { ...archive.deps, clock: { ...systemClock, now: () => at } }
  const report = await runPurge(deps, { at, by: 'consentry' })
  t.match(report, { destroyed: COUNT, failed: 0, number: 1 })
  await until(() => log.state.size > COUNT)

  const pieces: Buffer[] = []
  for await (const piece of makeExtract(db, report!.act!, { log: place.dir })) pieces.push(Buffer.from(piece))
  t.ok(pieces.length > 2, 'it comes in pieces')
  const key = readFileSync(join(place.dir, 'key.pub'), 'utf8').trim()
  async function* source() {
    yield* pieces
  }
  const checked = await checkExtract(source(), [key])
  t.same(checked.faults, [])
  t.match(checked.statement, { act: report!.act!, number: 1, cause: 'term', recordings: COUNT })

  let page = ''
  for await (const piece of actDocument(db, await findAct(db, '1'), 'ru', undefined)) page += piece
  t.equal(page.match(/<tr class="num">/g)?.length, COUNT)
  for (const { recording } of kept) if (!page.includes(recording)) t.fail(`${recording} is not in the act`)
  t.notMatch(page, /номер не определён/)
})
