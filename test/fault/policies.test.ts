// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, the command. Fake: none.
// Lines are put in force by the command, and also written directly into the database. Then lines change while they have callers, and the service is
// killed, or the caller reaches another line.
// Long only: malformed lines; `service/lines` has their refusals.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { setLabLines } from '../../lab/lab-lines.js'
import { connect } from '../../src/db/connection.js'
import { openDatabase } from '../../src/db/database.js'
import { exactly, none } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  assertStoredParts,
  countEvents,
  dialAndGrant,
  dialIntoQuestion,
  firstEvent,
  killAndRestart,
  purpose,
  shortLine,
  timelineAfter,
} from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { consentryInTurn } from '../support/processes/command.js'
import { CONNECTION_LIMIT_MS } from '../support/processes/connection-limit.js'

/** Its callers are told to press 2 for a no. */
const deceiving = shortLine('302', { disclosure: 'disclosure-key', keys: { yes: '1', no: '3' } })
const disclosed = { keys: { withdraw: '#5' }, onWithdraw: 'keep' }
const site = await startCallLab(t, {
  lines: [
    shortLine('301'),
    deceiving,
    shortLine('330', disclosed),
    shortLine('331', disclosed),
    shortLine('332', { keys: { withdraw: '#8' } }),
    shortLine('333', { waitMs: 30_000 }),
  ],
  extensions: `
exten => 330,1,Gosub(consentry,s,1)
 same =>     n,Goto(332,1)
`,
})
const { env } = site.lab
const dir = t.testdir({})
const admin = openDatabase(site.lab.database.adminUrl, CONNECTION_LIMIT_MS)
t.teardown(() => admin.close())

/** Runs `consentry line set FILE` for each content, one after the other. */
async function setLines(contents: readonly string[]): Promise<{ code: number | null; words: string }[]> {
  const files = contents.map((_, i) => join(dir, `lines-${i}.json`))
  for (const [i, file] of files.entries()) await writeFile(file, contents[i]!)
  const commands = files.map(file => ['line', 'set', file, '--by', 'anna'])
  const results = await consentryInTurn(commands, { env })
  return results.map(({ code, out, err }) => ({ code, words: out + err }))
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
  const results = await setLines(cases.map(([content]) => content))
  for (const [i, [content, fault]] of cases.entries()) {
    const { code, words } = results[i]!
    t.equal(code, 1, content.slice(0, 80))
    t.match(words, fault)
    t.notMatch(words, / at .*\.js:/, 'no stack')
  }
  t.strictSame(
    await inForce(),
    ['301', '302', '330', '331', '332', '333'].map(number => `${number} v1`),
  )
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
    await owner.query(
      `insert into line (number, version, policy, event, stated) values ($1, 1, $2, gen_random_uuid(), '[]')`,
      [number, JSON.stringify(policy)],
    )
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

/** Types the keys during the talk, and asserts the withdrawal. */
async function withdraws(t: Test, call: PlacedCall): Promise<void> {
  await call.waitForEvent('recording.part-started')
  await call.caller.pressKeys('#8')
  await call.caller.pressKeys('#5')
  await call.waitForEvent('consent.withdrawn')
  const journal = await call.finish()
  t.match(firstEvent(journal, 'consent.withdrawn'), { purposes: exactly('service'), keep: true })
  t.equal(countEvents(journal, 'consent.withdrawn'), 1)
  t.match(journal.recordings, exactly({ state: 'finished' }), 'the recording up to the withdrawal is kept')
}

t.test('a caller who reached another line withdraws with the keys of the first disclosure', async t => {
  const call = await dialAndGrant(site, '330')
  await call.waitForEvent('call.passed-through')
  await withdraws(t, call)
})

t.test(
  'after a change of the line and a restart a caller withdraws with the keys of the disclosure',
  async t => {
    const call = await dialAndGrant(site, '331')
    await setLabLines(admin, site.lab.database.adminUrl, shortLine('331', { keys: { withdraw: '#8' } }))
    await killAndRestart(site, 'SIGKILL')
    await withdraws(t, call)
  },
)

t.test('a caller is not asked again after the line was changed to one without recording', async t => {
  const call = await dialIntoQuestion(site, '333')
  await setLabLines(admin, site.lab.database.adminUrl, shortLine('333', { mode: 'none' }))
  await killAndRestart(site, 'SIGKILL')
  await assertReachesAgent(t, site, call)
  await call.waitForEvent('call.released')
  const journal = (await call.read())!
  t.equal(countEvents(journal, 'consent.asked'), 1, 'asked only before the restart')
  t.notOk(firstEvent(journal, 'recording.prepared'))
  t.notOk(journal.events.some(({ role }) => role === 'apology'))
})
