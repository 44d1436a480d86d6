// Real: PostgreSQL, journal, transparency log, key store, disk store, sealed containers, the command. Fake: none.
import { join } from 'node:path'
import t from 'tap'
import { placeHold } from '../../../src/recordings/retain/holds.js'
import { assertUnpublished, BY_COMMAND, TEXT, TYPED } from '../../support/data/typed-number.js'
import { sealCall, startArchiveSetup } from '../../support/processes/archive-setup.js'
import { consentryInTurn } from '../../support/processes/command.js'
import { logSettingsIn, updateLog, verifyDatabase } from '../../support/processes/tlog.js'

const place = await startArchiveSetup(t)
const { deps, logSetup, identity, keys, store } = place
const settings = logSettingsIn(logSetup.dir)
const out = t.testdir({ 'rules.txt': `Ask ${TYPED}` })
const env = {
  DATABASE_URL: logSetup.url(),
  CONSENTRY_DATA: logSetup.dir,
  CONSENTRY_STORE: `file:${store}`,
  CONSENTRY_KEYSTORE: keys.map(path => `file:${path}`).join(','),
  CONSENTRY_IDENTITY: identity,
}
/** Runs command lines that must all be carried out. @returns what they print */
async function run(...lines: string[][]) {
  const ended = await consentryInTurn(
    lines.map(line => [...line, '--by', `chef ${TYPED}`, '--json']),
    { env },
  )
  for (const [i, { code, err }] of ended.entries()) t.equal(code, 0, `${lines[i]!.join(' ')}: ${err}`)
  return ended.map(({ out }) => (out === '' ? undefined : JSON.parse(out)))
}
/** The tables with a row that has these digits, whatever is between them. */
async function tablesWith(digits: string): Promise<string[]> {
  const superuser = await logSetup.superuser()
  const found: string[] = []
  const tables = await superuser.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'
     order by 1`,
  )
  for (const { name } of tables.rows) {
    const { rows } = await superuser.query(
      `select from "${name}" row where regexp_replace(row::text, '[^0-9A-Za-z]', '', 'g') like $1 limit 1`,
      [`%${digits}%`],
    )
    if (rows.length > 0) found.push(name)
  }
  await superuser.close()
  return found
}

const number = '+79160000001'
const talk = await sealCall(place, number)
await sealCall(place, '+79160000009')
const recording = talk.recordings['service']!

t.test('a number typed into every text of the command is in no tile', async t => {
  const [held, , asked] = await run(
    ['hold', 'add', recording, '--reason', TEXT],
    ['open', recording, '-o', join(out, 'talk.wav'), '--reason', TEXT],
    ['rights', 'request', number, '--kind', 'access', '--law', 'gdpr', '--received', '2026-11-01'],
    ['rights', 'block', number, '--reason', TEXT],
    ['rights', 'unblock', number, '--reason', TEXT],
    ['rights', 'find', number],
    ['rights', 'export', number, '-o', join(out, 'copy.zip'), '--reason', TEXT],
    ['rights', 'correct', '+79160000009', '--to', number, '--reason', TEXT],
    ['incident', 'open', '--what', TEXT, '--recording', recording],
    ['incident', 'close', '1'],
    ['token', 'add', `board-${TYPED}`, '--role', 'auditor'],
    ['token', 'revoke', `board-${TYPED}`],
    ['user', 'add', `anna-${TYPED}`, '--role', 'supervisor'],
    ['user', 'training', `anna-${TYPED}`, '--what', TEXT],
    ['user', 'roles', `anna-${TYPED}`, '--role', 'auditor'],
    ['user', 'reset', `anna-${TYPED}`],
    ['user', 'disable', `anna-${TYPED}`],
    ['user', 'enable', `anna-${TYPED}`],
    ['rules', 'publish', join(out, 'rules.txt')],
    ['purge', '--clock-checked'],
  )
  await run(
    ['hold', 'remove', held.hold, '--reason', TEXT],
    ['rights', 'request', 'close', asked.id, '--outcome', TEXT],
    ['rights', 'erase', number, '--reason', TEXT],
  )
  await updateLog(logSetup.url(), settings)
  await assertUnpublished(t, deps.db, settings.dir, BY_COMMAND)
  t.strictSame((await verifyDatabase(logSetup.url(), settings.dir)).faults, [])
})

/** Where this test types a number. */
const TABLES_WITH_COPIES = ['event_personal', 'hold', 'incident', 'rights_request', 'user_training']

t.test('the erasure of a number erases it from what people typed, and leaves who acted', async t => {
  const erased = '+79160000005'
  const { recordings } = await sealCall(place, erased)
  const { hold } = await placeHold(deps, {
    on: { recording: recordings['service']! },
    kind: 'hold',
    reason: 'a claim of +7 916 000-00-05',
    by: 'anna',
    expiresAt: null,
  })
  await run(['hold', 'remove', hold, '--reason', `${erased} withdrew the claim`])
  await run(['open', recordings['service']!, '-o', join(out, 'once.wav'), '--reason', 'to see'])
  const [asked] = await run(
    ['rights', 'request', erased, '--kind', 'access', '--law', 'gdpr', '--received', '2026-11-01'],
    ['user', 'add', 'boris', '--role', 'supervisor'],
    ['user', 'training', 'boris', '--what', 'the case of 8-916-000-00-05'],
    ['incident', 'open', '--what', `${erased} heard it`, '--recording', recording],
  )
  await run(['rights', 'request', 'close', asked.id, '--outcome', 'told 8 (916) 000 00 05'])
  t.strictSame(await tablesWith('9160000005'), TABLES_WITH_COPIES)
  await run(['rights', 'erase', erased, '--reason', 'asked by 8 916 000-00-05'])
  t.strictSame(await tablesWith('9160000005'), [])
  const [act] = await deps.db
    .selectFrom('act')
    .select('reason')
    .orderBy('opened_at', 'desc')
    .limit(1)
    .execute()
  t.equal(act!.reason, 'asked by ********0005')
  const left = await deps.db
    .selectFrom('event')
    .innerJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['type', 'event_personal.data', 'salt'])
    .where('type', 'in', ['hold.placed', 'recording.opened'])
    .orderBy('id', 'desc')
    .limit(2)
    .execute()
  t.strictSame(
    left.map(({ type, data, salt }) => [type, data, salt.length]),
    [
      ['recording.opened', { by: `chef ${TYPED}` }, 0],
      ['hold.placed', { by: 'anna' }, 0],
    ],
    'who acted stays, though not proved',
  )
  await updateLog(logSetup.url(), settings)
  t.strictSame((await verifyDatabase(logSetup.url(), settings.dir)).faults, [])
})
