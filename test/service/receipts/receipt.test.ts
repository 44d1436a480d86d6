// Real: PostgreSQL, journal, transparency log, the command as a separate process. Fake: the calls, which are only events.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { newCallId } from '../../../src/core/ids.js'
import { startJournal } from '../../../src/journal/journal.js'
import { startLog } from '../../../src/log/start-log.js'
import { checkFile } from '../../../src/receipts/check-file.js'
import { makeReceipt } from '../../../src/receipts/make-receipt.js'
import { renderDocument } from '../../../src/receipts/receipt.js'
import { vconOf } from '../../../src/receipts/vcon.js'
import { exactly, none } from '../../support/assertions/exactly.js'
import { findVconFaults } from '../../support/assertions/vcon-rules.js'
import { recordedCall } from '../../support/data/call-events.js'
import {
  grantedCall,
  interleaveEvents,
  noticeCall,
  refusedCall,
  silentCall,
  twoPurposeCall,
  type WholeCall,
} from '../../support/data/whole-calls.js'
import { consentry } from '../../support/processes/command.js'
import { consentryTogether } from '../../support/processes/commands-together.js'
import { scratch, silent, testDatabase, until } from '../../support/processes/database.js'

const { db, server, asService } = await testDatabase(t)
const data = await scratch(t)
const place = { dir: join(data, 'log'), keyFile: join(data, 'log.key'), origin: 'test.example/consentry' }
const log = startLog(place, server.url, silent)
t.teardown(() => log.stop())
const journal = startJournal(server.url, silent)
t.teardown(() => journal.stop())

const calls = {
  granted: grantedCall(),
  refused: refusedCall(),
  silent: silentCall(),
  notice: noticeCall(),
  twoPurposes: twoPurposeCall(),
}
const logged = interleaveEvents(Object.values(calls))
await journal.append(logged, 60_000)
await until(() => log.state.size === logged.length)
const key = (await readFile(join(place.dir, 'key.pub'), 'utf8')).trim()

const make = ({ call }: WholeCall, personal = true) => makeReceipt(db, call, { log: place.dir, personal })
const holds = (document: unknown) => checkFile(Buffer.from(renderDocument(document)), [key])

t.test('a receipt of a yes has prompts, questions, keys and recordings', async t => {
  const { events, recordings, call } = calls.granted
  const receipt = await make(calls.granted)
  t.same(holds(receipt).faults, [])
  t.equal(receipt.events.length, events.length)
  const { statement } = receipt
  t.match(statement, {
    call,
    line: '101',
    caller: '+79001234567',
    policy: 3,
    decision: 'granted',
    started: { utc: '2026-01-31T09:30:00.007Z', local: '2026-01-31T12:30:00.007+03:00' },
    disclosures: exactly({
      prompt: 'disclosure-key',
      version: 2,
      sha256: /^[0-9a-f]{64}$/,
      heardMs: 4_000,
      end: 'complete',
    }),
    questions: exactly({
      purpose: 'service',
      attempt: 1,
      played: { heardMs: 1_200, lengthMs: 4_000, end: 'key' },
    }),
    answers: exactly({
      purpose: 'service',
      answer: 'granted',
      method: 'key',
      digit: '1',
      attempt: 1,
      afterMs: 1_200,
      retentionDays: 30,
      legalBasis: /GDPR/,
      confirmation: { prompt: 'granted' },
    }),
  })
  const [recording, ...more] = statement.recordings
  t.same(more, [])
  t.match(recording, { recording: recordings[0], due: '2026-03-02', state: 'finished', lostBytes: 100 })
  const [first, second] = recording!.muted!
  t.match(first, { leg: 'agent', from: { utc: String }, to: { utc: String } })
  t.match(second, { leg: 'agent', to: undefined }, 'it lasts to the end')
  t.match(
    recording!.parts,
    exactly(
      { number: 1, bytes: 65_536, sha256: '01'.repeat(32), complete: true },
      { number: 2, bytes: 131_072, sha256: '02'.repeat(32), complete: true },
    ),
  )
  const yes = events.find(({ type }) => type === 'consent.answered')!
  t.equal(recording!.basis, yes.id)
})

t.test('receipts of a no, of silence, of a notice and of two purposes have their answers', async t => {
  const refused = await make(calls.refused)
  t.match(refused.statement, { decision: 'refused', answers: exactly({ answer: 'refused', digit: '2' }) })
  t.same(refused.statement.recordings, [])

  const { statement: silence } = await make(calls.silent)
  t.match(silence, { decision: 'silent', questions: exactly({ attempt: 1 }, { attempt: 2 }) })
  t.match(silence.answers, exactly({ answer: 'silent', method: 'none', attempt: 2, afterMs: null }))

  const { statement: notice } = await make(calls.notice)
  t.match(notice, {
    mode: 'notice',
    questions: none,
    answers: exactly({ answer: 'notice', method: 'notice' }),
  })
  t.equal(notice.recordings.length, 1)

  const { statement: two } = await make(calls.twoPurposes)
  t.match(
    two.answers,
    exactly(
      { purpose: 'service', answer: 'granted', withdrawn: { local: /\+03:00$/ } },
      { purpose: 'marketing', answer: 'refused' },
    ),
  )
  t.equal(two.answers[1]!.withdrawn, undefined)
  t.equal(two.ended?.utc, new Date(calls.twoPurposes.events.at(-1)!.at).toISOString())

  for (const call of Object.values(calls)) t.same(holds(await make(call)).faults, [])
})

t.test('the vCon of a receipt follows the draft and verifies', async t => {
  for (const call of Object.values(calls)) {
    const vcon = vconOf(await make(call), '2026-02-01T08:00:00.000Z')
    const read = JSON.parse(renderDocument(vcon))
    t.same(findVconFaults(read), [])
    t.same(holds(vcon).faults, [])
  }
  const vcon = JSON.parse(renderDocument(vconOf(await make(calls.twoPurposes), '2026-02-01T08:00:00.000Z')))
  t.match(
    vcon.attachments.map((attachment: { purpose: string }) => attachment.purpose),
    exactly('consent', 'lawful_basis', 'consent', 'lawful_basis', 'consentry-receipt'),
  )
  t.match(vcon.attachments[0].consents, exactly({ consent: 'service', value: false, status: 'revoked' }))
  t.match(vcon.attachments[2].consents, exactly({ consent: 'marketing', value: false, status: 'denied' }))
  t.match(vcon.attachments[1].body, { lawful_basis: 'consent', purpose_grants: exactly({ granted: false }) })
  t.match(vcon.attachments[2].proof[0].value, /^c2sp\.org\/tlog-proof@v1\nextra \S+\nindex \d+\n/)
  t.match(vcon.parties[0], { tel: '+79001234567' })
})

t.test('an earlier receipt verifies after the log has grown', async t => {
  const before = await make(calls.refused)
  const more = recordedCall()
  await journal.append(more.events, 60_000)
  const after = await make({ call: more.call, events: more.events, recordings: [] })
  t.same(holds(after).faults, [])
  const again = await make(calls.refused)
  t.same(again.statement, before.statement)
  t.same(again, before, 'and a later one of the same events is the same')
  t.same(
    [before, again].flatMap(receipt => holds(receipt).faults),
    [],
  )
})

t.test('after an erasure, new receipts have no personal parts, and old ones still verify', async t => {
  const before = await make(calls.refused)
  const erased = calls.refused.events.filter(({ personal }) => personal).map(({ id }) => id)
  await asService.query('delete from event_personal where event = any($1::uuid[])', [erased])
  const after = await make(calls.refused)
  t.same(after.events.map(({ personal }) => personal).filter(Boolean), [])
  t.notMatch(renderDocument(after), /79001234567|digit/)
  t.same(
    [before, after].flatMap(receipt => holds(receipt).faults),
    [],
  )
})

t.test('a receipt verifies after its personal parts are removed', async t => {
  const receipt = structuredClone(await make(calls.granted))
  for (const event of receipt.events) delete event.personal
  delete receipt.statement.caller
  for (const answer of receipt.statement.answers) delete answer.digit
  t.same(holds(receipt).faults, [])
  t.same(receipt.statement, (await make(calls.granted, false)).statement)
})

t.test('an unknown call and a call without a decision have no receipt', async t => {
  const options = { log: place.dir, personal: true }
  await t.rejects(makeReceipt(db, newCallId(), options), { code: 'not-found', message: /no call/ })
  await t.rejects(makeReceipt(db, "'; drop table event; --", options), { code: 'not-found' })
  const open = grantedCall()
  await journal.append(open.events.slice(0, 4), 60_000)
  await t.rejects(make(open), { code: 'not-found', message: /no decision/ })
  const elsewhere = { log: join(data, 'nowhere'), personal: true }
  await t.rejects(makeReceipt(db, calls.granted.call, elsewhere), { message: /no log/ })
})

t.test('the command writes a receipt and verifies it without a database', async t => {
  const dir = await scratch(t)
  const file = join(dir, 'receipt.json')
  const here = { DATABASE_URL: server.url, CONSENTRY_DATA: data }
  const elsewhere = { CONSENTRY_DATA: dir }

  const written = await consentry(here, 'receipt', calls.granted.call, '-o', file, '--json')
  t.equal(written.code, 0, written.err)
  t.match(JSON.parse(written.out), { call: calls.granted.call, decision: 'granted', key })
  t.match(await consentry(elsewhere, 'verify', file, '--key', key), { code: 0, out: /Holds/ })
  const verified = await consentryTogether(
    elsewhere,
    'verify',
    file,
    '--key',
    join(place.dir, 'key.pub'),
    '--json',
  )
  t.equal(verified.code, 0, verified.err)
  t.match(JSON.parse(verified.out), { ok: true, checked: { receipts: 1 }, faults: none })
  t.match(
    await consentryTogether(here, 'verify', file),
    { code: 0 },
    'with the key of the log on the machine',
  )
  t.match(await consentryTogether(elsewhere, 'verify', file), { code: 1, err: /--key/ })

  const bare = await consentryTogether(here, 'receipt', calls.granted.call, '--without-personal')
  t.notMatch(bare.out, /79001234567/)
  t.same(checkFile(Buffer.from(bare.out), [key]).faults, [])

  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('"answer": "granted"', '"answer": "refused"'))
  const refused = await consentryTogether(elsewhere, 'verify', file, '--key', key, '--json')
  t.equal(refused.code, 1)
  t.match(JSON.parse(refused.out), {
    ok: false,
    faults: exactly({
      where: 'statement.answers[0].answer',
      what: 'it says "refused", the log says "granted"',
    }),
  })

  const vcon = join(dir, 'call.vcon.json')
  t.match(await consentryTogether(here, 'receipt', calls.twoPurposes.call, '--vcon', '-o', vcon), { code: 0 })
  t.match(await consentryTogether(elsewhere, 'verify', vcon, '--key', key), { code: 0, out: /withdrawn/ })
  await rm(vcon)
  t.match(await consentryTogether(elsewhere, 'verify', vcon, '--key', key), {
    code: 1,
    err: /cannot be read/,
  })
})
