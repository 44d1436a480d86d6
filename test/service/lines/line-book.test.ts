// Real: PostgreSQL and its notifications. Fake: none.
import t from 'tap'
import { labLines, saveLabLines, setLabLines } from '../../../lab/lab-lines.js'
import { connect } from '../../../src/db/connection.js'
import { openDatabase } from '../../../src/db/database.js'
import { startLineBook } from '../../../src/lines/line-book.js'
import { doubtfulWords } from '../../../src/prompts/contradictions.js'
import { none } from '../../support/assertions/exactly.js'
import { silent, testDatabase, until } from '../../support/processes/database.js'

const { db, server, asOwner, asService } = await testDatabase(t)

const saveLine = async (line: object) => (await setLabLines(db, server.url, line))[0]!

const loggedErrors = () => {
  const lines: string[] = []
  const log = silent.child({}, { level: 'trace' })
  log.error = ((...words: unknown[]) => void lines.push(JSON.stringify(words))) as typeof log.error
  return { log, lines }
}

t.test('lab lines are saved once, and lines that an admin changed stay', async t => {
  await saveLabLines(db, server.url)
  await saveLine({ ...labLines[0], waitMs: 9_000 })
  await saveLabLines(db, server.url)
  const book = await startLineBook(db, silent)
  t.teardown(() => book.stop())
  t.match(book.find('100'), { number: '100', version: 2, waitMs: 9_000 })
  for (const line of labLines.slice(1)) t.strictSame(book.find(line.number), { ...line, version: 1 })
  t.equal(book.find('no such line'), undefined)
})

t.test('a change takes effect at once, and older versions stay', async t => {
  const book = await startLineBook(db, silent)
  t.teardown(() => book.stop())
  const before = book.find('101')
  const saved = await saveLine({ ...labLines[1], bargeIn: false })
  t.equal(saved.version, 2)
  await until(() => book.find('101')?.version === 2)
  t.strictSame(book.find('101'), saved)
  t.equal(before?.bargeIn, true, 'a line that a call already has does not change')
  const { rows } = await asService.query(
    'select version, active from line where number = $1 order by version',
    ['101'],
  )
  t.strictSame(rows, [
    { version: 1, active: false },
    { version: 2, active: true },
  ])
})

t.test('versions are correct when several processes save at once', async t => {
  const saved = await Promise.all(
    Array.from({ length: 5 }, () => saveLine({ ...labLines[0], number: '200' })),
  )
  t.strictSame(saved.map(({ version }) => version).sort(), [1, 2, 3, 4, 5])
  const { rows } = await asService.query(`select version from line where number = '200' and active`)
  t.strictSame(rows, [{ version: 5 }])
})

t.test('an invalid policy is not saved', async t => {
  await t.rejects(saveLine({ ...labLines[0], number: '201', mode: 'always' }), {
    code: 'policy.invalid',
    message: /mode/,
  })
  t.strictSame((await asService.query(`select from line where number = '201'`)).rows, [])
})

t.test('an invalid policy in the table affects only its own line', async t => {
  const faulty = {
    ...labLines[0],
    number: undefined,
    purposes: [{ ...labLines[0]!.purposes[0], legalBasis: '' }],
  }
  for (const [number, policy] of [
    ['300', JSON.stringify(faulty)],
    ['301', '"nonsense"'],
    ['302', 'null'],
  ]) {
    await asOwner.query(
      `insert into line (number, version, policy, event, stated) values ($1, 4, $2, gen_random_uuid(), '[]')`,
      [number, policy],
    )
  }
  const { log, lines } = loggedErrors()
  const book = await startLineBook(db, log)
  t.teardown(() => book.stop())
  for (const number of ['300', '301', '302']) {
    t.match(book.find(number), { number, version: 4, mode: 'none', purposes: none }, number)
  }
  t.match(book.find('105'), { mode: 'key' })
  t.equal(lines.length, 3)
  t.match(lines[0], /"line":"300".*purposes\.0\.legalBasis/)
  await saveLine({ ...labLines[0], number: '303' })
  await until(() => book.find('303') !== undefined)
  t.equal(lines.length, 3, 'each invalid line is logged once')
})

t.test(
  'what callers of a line hear that is not so is logged, once for each version, and the line stays in force',
  async t => {
    const warnings: string[] = []
    const log = silent.child({}, { level: 'trace' })
    log.warn = ((words: string) => void warnings.push(words)) as typeof log.warn
    await saveLine({ ...labLines[0], number: '310', disclosure: 'question' })
    const book = await startLineBook(db, log, line => doubtfulWords(line, []))
    t.teardown(() => book.stop())
    const found = () => warnings.filter(words => words.startsWith('line 310, '))
    t.match(
      found()[0],
      /^line 310, disclosure: the prompt "question" is no disclosure: .*: change the line, or have other words spoken/,
    )
    await saveLine({ ...labLines[0], number: '311' })
    await until(() => book.find('311') !== undefined)
    t.equal(found().length, 1)
    t.equal(book.find('310')?.disclosure, 'question')
  },
)

t.test('a version cannot be changed, only followed by another', async t => {
  await t.rejects(asService.query(`update line set policy = '{}'`), { code: '42501' })
  await t.rejects(asService.query('delete from line'), { code: '42501' })
})

t.test('the book gets changes after its connection was lost', async t => {
  const book = await startLineBook(db, silent)
  t.teardown(() => book.stop())
  const listening = `select pid from pg_stat_activity where application_name = 'consentry listen line_changed'`
  await until(async () => (await asOwner.query(listening)).rows.length > 0)
  const service = await connect(server.url, 'test')
  const { rows } = await service.query<{ pid: number }>(listening)
  for (const { pid } of rows) await service.query('select pg_terminate_backend($1)', [pid])
  await service.close()
  await saveLine({ ...labLines[0], number: '400' })
  await until(() => book.find('400') !== undefined)
})

t.test('a database that is away at the start is reported as unavailable', async t => {
  const away = openDatabase('postgres://nobody:x@127.0.0.1:1/none')
  t.teardown(() => away.close())
  await t.rejects(startLineBook(away, silent), { code: 'db.unavailable', retryable: true })
})

t.test('while the database is away, the last known lines stay in force', async t => {
  const book = await startLineBook(db, silent)
  t.teardown(() => book.stop())
  const { pid } = server
  process.kill(pid, 'SIGKILL')
  t.match(book.find('105'), { mode: 'key' })
  await until(() => server.pid !== pid)
  await until(() =>
    saveLine({ ...labLines[0], number: '500' }).then(
      () => true,
      () => false,
    ),
  )
  await until(() => book.find('500') !== undefined)
  t.match(book.find('105'), { mode: 'key' })
})
