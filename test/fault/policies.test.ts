// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, the command. Fake: none.
// Lines are put in force by the command, and also written directly into the database.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { compiled } from '../../lab/process/compiled.js'
import { connect } from '../../src/db/connection.js'
import { exactly, none } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  assertStoredParts,
  dialAndGrant,
  firstEvent,
  purpose,
  shortLine,
  timelineAfter,
} from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'

/** Its callers are told to press 2 for a no. */
const deceiving = shortLine('302', { disclosure: 'disclosure-key', keys: { yes: '1', no: '3' } })
const site = await startCallLab(t, { lines: [shortLine('301'), deceiving] })
const { env } = site.lab
const dir = t.testdir({})

/** Runs `consentry line set FILE`. */
async function setLine(content: string): Promise<{ code: number; words: string }> {
  const file = join(dir, 'lines.json')
  await writeFile(file, content)
  return new Promise(resolve =>
    execFile(
      process.execPath,
      [compiled('cli'), 'line', 'set', file, '--by', 'anna'],
      { env },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), words: stdout + stderr }),
    ),
  )
}

/** The version in force of each line of these tests. */
async function inForce(): Promise<string[]> {
  const rows = await site.db
    .selectFrom('line')
    .select(['number', 'version'])
    .where('active', '=', true)
    .where('number', 'like', '3%')
    .orderBy('number')
    .execute()
  return rows.map(({ number, version }) => `${number} v${version}`)
}

t.test('a malformed line is refused with the path of each faulty field, and no line changes', async t => {
  const good = shortLine('301')
  const cases: [string, RegExp][] = [
    ['', /cannot be read as JSON/],
    ['{"number": "301"', /cannot be read as JSON/],
    ['null', /the whole /],
    [JSON.stringify({ ...good, mode: 'maybe' }), /mode /],
    [JSON.stringify({ ...good, purposes: [{ ...purpose(), legalBasis: '' }] }), /purposes\.0\.legalBasis /],
    [
      JSON.stringify({ ...good, purposes: [{ ...purpose(), retentionDays: 400 }] }),
      /purposes\.0\.retentionDays /,
    ],
    [
      JSON.stringify({ ...good, onRefused: { do: 'transfer', context: 'a,b', extension: '$(x)' } }),
      /onRefused\.context .*onRefused\.extension .*onRefused\.priority /,
    ],
    [JSON.stringify({ ...good, number: '../1' }), /number /],
    [
      JSON.stringify([good, { ...good, number: '399', keys: { yes: '1', no: '1', withdraw: '*9' } }]),
      /keys /,
    ],
  ]
  for (const [content, fault] of cases) {
    const { code, words } = await setLine(content)
    t.equal(code, 1, content.slice(0, 80))
    t.match(words, fault)
    t.notMatch(words, / at .*\.js:/, 'no stack')
  }
  t.strictSame(await inForce(), ['301 v1', '302 v1'])
})

t.test('a service that starts warns of a line whose callers hear something else', async t => {
  const lines = (await site.lab.service.log()).trim().split('\n')
  const warnings = lines.map(line => JSON.parse(line)).filter(({ msg }) => msg.includes('keys.no'))
  t.match(
    warnings,
    exactly({
      level: 40,
      msg: /^line 302, keys\.no: the prompt "disclosure-key" says key 2 for no, but this line takes 3: change the line/,
    }),
  )
})

t.test('a malformed row in the database prevents recordings on its own line only', async t => {
  const owner = await connect(site.lab.database.adminUrl, 'test')
  t.teardown(() => owner.close())
  const rows: [string, unknown][] = [
    ['391', null],
    ['392', []],
    ['393', { mode: 'key' }],
    ['394', { ...shortLine('394'), purposes: [{ purpose: 'x', prompts: { question: 5 } }] }],
  ]
  for (const [number, policy] of rows)
    await owner.query('insert into line (number, version, policy) values ($1, 1, $2)', [
      number,
      JSON.stringify(policy),
    ])
  const calls = await Promise.all(rows.map(([number]) => PlacedCall.place(site, { number })))
  const unharmed = await dialAndGrant(site, '301')
  await Promise.all([...calls, unharmed].map(call => assertReachesAgent(t, site, call)))
  for (const call of calls) {
    const journal = await timelineAfter(call, 'call.released')
    t.match(journal, { decision: 'failed', recordings: none })
    t.match(firstEvent(journal, 'call.decided'), { reason: 'line-not-recorded' })
  }
  t.match(await unharmed.finish(), { decision: 'granted' })
  await assertStoredParts(t, site, 1)
})
