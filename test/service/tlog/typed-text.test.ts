// Real: PostgreSQL, journal, transparency log, key store, disk store, sealed containers, the command. Fake: none.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { placeHold } from '../../../src/retention/holds.js'
import { sealCall, startArchiveSetup } from '../../support/processes/archive-setup.js'
import { consentryInTurn } from '../../support/processes/command.js'
import { logSettingsIn, updateLog, verifyDatabase } from '../../support/processes/tlog.js'

/** Typed wherever the command takes words. Another caller's, so that no verb masks it. */
const TYPED = '79997654321'
const TEXT = `about +7 (999) 765-43-21, that is ${TYPED}`

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
const tiles = () =>
  readdirSync(join(settings.dir, 'tile'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
/** How many events have this text in the part that the log publishes, and how many rows have it in the personal part. */
const countsOf = async (digits: string) => {
  const like = `%${digits}%`
  const open = await deps.db
    .selectFrom('event')
    .select('type')
    .where(eb => eb(eb.cast('data', 'text'), 'like', like))
    .execute()
  const personal = await deps.db
    .selectFrom('event_personal')
    .select('event')
    .where(eb => eb(eb.cast('data', 'text'), 'like', like))
    .execute()
  return { open: open.map(({ type }) => type), personal: personal.length }
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
  const published = tiles()
  t.ok(
    published.some(text => text.includes('"type":"hold.released"')),
    'the tiles have these events',
  )
  t.notOk(published.some(text => text.replaceAll(/[ ().-]/g, '').includes('9997654321')))
  const { open, personal } = await countsOf('9997654321')
  t.strictSame(open, [])
  t.ok(personal > 20, `it is kept apart, in ${personal} events`)
  t.strictSame((await verifyDatabase(logSetup.url(), settings.dir)).faults, [])
})

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
  await run(['rights', 'erase', erased, '--reason', `${erased} asked for it`])
  t.strictSame(await countsOf('9160000005'), { open: [], personal: 0 })
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
