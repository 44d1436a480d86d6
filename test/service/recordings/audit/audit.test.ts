// Real: PostgreSQL, journal, disk, two mirrors of keys, sealed recordings, the destruction, the command. Fake: none.
// Each test adds one more fault, and compares what the audit finds with what it found before.
import { copyFile, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { newActId, newPartId, type RecordingId } from '../../../../src/core/ids.js'
import { type AuditReport, auditStore } from '../../../../src/recordings/audit/audit-store.js'
import { verifyRecordings } from '../../../../src/recordings/audit/verify-recordings.js'
import { destroyRecordings } from '../../../../src/recordings/destroy/destroy.js'
import { placeHold } from '../../../../src/recordings/retain/holds.js'
import { openKeyStore } from '../../../../src/vault/keys/key-store.js'
import { openStore } from '../../../../src/vault/store/store.js'
import { exactly } from '../../../support/assertions/exactly.js'
import { makeFilesOld, storeRecording } from '../../../support/data/stored-recording.js'
import { startArchiveSetup } from '../../../support/processes/archive-setup.js'
import { consentry } from '../../../support/processes/command.js'
import { keyPair } from '../../../unit/vault/fixture.js'

const DAY = 86_400_000
const home = await startArchiveSetup(t)
const { deps, recipients } = home
const { db, keyStore, identities } = deps
const superuser = await home.logSetup.superuser()
t.teardown(() => superuser.close())

const record = (at?: number, purpose?: string) => storeRecording(home, at, purpose)

const audit = () => auditStore({ ...deps, recipients, identities })
const destroy = (recording: RecordingId) =>
  destroyRecordings(deps, { cause: 'erasure', reason: 'asked to', by: 'tester' }, [[recording]])

let known = new Set<string>()
const describe = ({ kind, where }: { kind: string; where: string }) => `${kind} ${where}`

/** Returns the faults that the audit did not find before. */
async function found(): Promise<string[]> {
  const { faults, ok } = await audit()
  const all = faults.map(describe)
  const fresh = all.filter(fault => !known.has(fault))
  known = new Set(all)
  if (ok !== (faults.length === 0)) throw new Error('ok does not say what was found')
  return fresh.sort()
}

const planted = (fault: string, plant: (t: Test) => Promise<string[]>) =>
  t.test(fault, async t => {
    const expected = await plant(t)
    t.strictSame(await found(), expected.sort())
  })

await t.test('an intact archive has no faults', async t => {
  await record()
  await record(undefined, 'marketing')
  const { ok, checked, checks, faults } = await audit()
  t.strictSame([ok, faults], [true, []])
  t.strictSame(checked, { recordings: 2, objects: 2, keys: 2 })
  t.ok(checks.length > 8 && checks.every(check => check.faults === 0))
  const [event] = await db.selectFrom('event').where('type', '=', 'audit.finished').select('data').execute()
  t.strictSame(event?.data, { recordings: 2, objects: 2, keys: 2, faults: {} })
})

await planted('an unknown container is reported', async () => {
  const { path, object, part } = await record()
  const stranger = newPartId()
  const copy = path.replace(part, stranger)
  await copyFile(path, copy)
  await makeFilesOld(copy)
  return [`object-orphan ${object.replace(part, stranger)}`]
})

await planted('a container that has only just begun is no orphan', async () => {
  const { path, part } = await record()
  await copyFile(path, path.replace(part, newPartId()))
  return []
})

await planted('an unknown key is reported', async () => {
  const { key, keyPaths } = await record()
  const stranger = { ...key, part: newPartId() }
  await keyStore.put(stranger, await readFile(keyPaths[0]!))
  await makeFilesOld(...keyStore.locate(stranger))
  await keyStore.put({ ...key, part: newPartId() }, await readFile(keyPaths[0]!))
  return [`key-orphan ${keyStore.locate(stranger)[0]}`]
})

await planted('a container that is gone is reported', async () => {
  const { path, object } = await record()
  await rm(path)
  return [`object-missing ${object}`]
})

await planted('a container that cannot be read is reported', async () => {
  const [kept, gone] = [await record(), await record()]
  await rm(kept.path)
  await destroy(gone.recording)
  // A symbolic link to itself cannot be opened even by root, who ignores file modes.
  for (const { path } of [kept, gone]) await symlink(path, path)
  const { faults } = await verifyRecordings(deps, gone.recording)
  t.strictSame(
    faults.map(describe),
    [`object-unreadable ${gone.object}`],
    'it is also reported of a destroyed recording',
  )
  await rm(gone.path)
  return [`object-unreadable ${kept.object}`]
})

await planted('a key that is gone is reported', async () => {
  const { keyPaths, object } = await record()
  for (const path of keyPaths) await rm(path)
  return [`key-missing ${object}`]
})

await planted('a key that only one mirror has is reported', async () => {
  const { keyPaths } = await record()
  await rm(keyPaths[0]!)
  return [`key-unmirrored ${keyPaths[1]}`]
})

await planted('a key under a wrong day is reported', async () => {
  const { key } = await record()
  const moved = { ...key, due: '2031-01-01' }
  await keyStore.put(moved, await keyStore.get(key))
  await keyStore.destroy(key)
  return [`key-day ${keyStore.locate(moved)[0]}`]
})

await planted('a recording past its term is reported unless it is held', async () => {
  const [late, held] = [await record(Date.now() - 40 * DAY), await record(Date.now() - 40 * DAY)]
  const hold = { kind: 'hold', reason: 'a lawsuit', by: 'tester', expiresAt: null } as const
  await placeHold(deps, { ...hold, on: { recording: held.recording } })
  return [`overdue ${late.recording}`]
})

await planted('a recording that is due today is not late yet', async () => {
  await record(Date.now() - 30 * DAY)
  return []
})

await planted('a term that was prolonged in the database is reported', async () => {
  const { recording, keyPaths } = await record()
  await superuser.query(`update recording set due = due + 60 where id = '${recording}'`)
  return [`term-differs ${recording}`, `key-day ${keyPaths[0]}`]
})

await planted('a recording of somebody who said no is reported', async () => {
  const { recording } = await record()
  await superuser.query(
    `update event set data = jsonb_set(data, '{answer}', '"refused"')
     where uuid = (select basis from recording where id = '${recording}')`,
  )
  return [`consent-missing ${recording}`]
})

await planted('a container with one changed bit is reported', async () => {
  const { path, object } = await record()
  const bytes = await readFile(path)
  bytes[bytes.length - 300]! ^= 1
  await writeFile(path, bytes)
  return [`container-damaged ${object}`, `hash-differs ${object}`]
})

await planted('a key of another recording is reported', async () => {
  const [one, other] = [await record(), await record()]
  for (const path of one.keyPaths) await copyFile(other.keyPaths[0]!, path)
  return [`key-refused ${one.keyPaths[0]}`, `key-refused ${one.object}`]
})

await planted('a recording that an act destroyed is no fault', async () => {
  const { recording } = await record()
  await destroy(recording)
  return []
})

await planted('a key of a destroyed recording that is back is reported', async () => {
  const { recording, key } = await record()
  const wrapped = await keyStore.get(key)
  await destroy(recording)
  await keyStore.put(key, wrapped)
  const { faults } = await audit()
  t.match(
    faults.filter(one => one.recording === recording),
    exactly({ kind: 'destroyed-present' }),
    'the fault names the recording',
  )
  return [`destroyed-present ${keyStore.locate(key)[0]}`]
})

await planted('a key of a destroyed recording on a mirror that was away is reported', async () => {
  const { recording, keyPaths } = await record()
  const wrapped = await readFile(keyPaths[1]!)
  await destroy(recording)
  await writeFile(keyPaths[1]!, wrapped)
  return [`destroyed-present ${keyPaths[1]}`]
})

await planted('a container of a destroyed recording that is back is reported', async () => {
  const { recording, path, object } = await record()
  await copyFile(path, `${path}.copy`)
  await destroy(recording)
  await rename(`${path}.copy`, path)
  return [`destroyed-present ${object}`]
})

await planted('a recording that was removed without the journal is reported', async () => {
  const { recording, path, keyPaths } = await record()
  for (const file of [path, ...keyPaths]) await rm(file)
  await superuser.query(
    `update recording set state = 'destroyed', destroyed_at = now() where id = '${recording}'`,
  )
  return [`destroyed-unjournalled ${recording}`]
})

await planted('a recording that is being destroyed is not missing', async () => {
  const { recording, path, keyPaths } = await record()
  const act = newActId()
  await db.insertInto('act').values({ id: act, cause: 'term', reason: 'due', by: 'tester' }).execute()
  await superuser.query(`update recording set state = 'destroying', act = '${act}' where id = '${recording}'`)
  for (const file of [path, ...keyPaths]) await rm(file)
  return []
})

await t.test(
  'one report has all faults under their checks, and the journal has their number by kind',
  async t => {
    const { ok, faults, checks } = await audit()
    t.notOk(ok)
    t.strictSame(new Set(faults.map(describe)), known)
    const counted = checks.reduce((sum, check) => sum + check.faults, 0)
    t.equal(counted, faults.length, 'each fault under one check')
    const [event] = await db
      .selectFrom('event')
      .where('type', '=', 'audit.finished')
      .select('data')
      .orderBy('id', 'desc')
      .limit(1)
      .execute()
    const counts = Object.values((event!.data as { faults: Record<string, number> }).faults)
    t.equal(
      counts.reduce((sum, count) => sum + count, 0),
      faults.length,
    )
  },
)

await t.test('keys that are not sealed for the present recipients are found', async t => {
  const { key } = await record()
  const others = ['service', 'marketing'].flatMap(purpose => keyPair(purpose).recipients)
  const { faults } = await auditStore({ ...deps, recipients: others })
  t.ok(faults.some(({ kind, where }) => kind === 'key-outdated' && where === keyStore.locate(key)[0]))
})

await t.test('files in the folder of another purpose are found', async t => {
  const { object, path, keyPaths } = await record(undefined, 'marketing')
  const root = dirname(home.store)
  const apart = {
    ...deps,
    store: await openStore(`service=file:${home.store} marketing=file:${join(root, 'other-store')}`),
    keyStore: await openKeyStore(`service=file:${home.keys[0]} marketing=file:${join(root, 'other-keys')}`),
  }
  const { faults } = await auditStore(apart)
  const misplaced = faults.filter(({ kind }) => kind === 'misplaced').map(({ where }) => where)
  t.ok(misplaced.includes(path) && misplaced.includes(keyPaths[0]!))
  t.ok(faults.some(({ kind, where }) => kind === 'object-missing' && where === object))
})

await t.test('the command prints the report, and exits 1 if there is a fault', async t => {
  const env = {
    DATABASE_URL: home.logSetup.url(),
    CONSENTRY_STORE: `file:${home.store}`,
    CONSENTRY_KEYSTORE: home.keys.map(path => `file:${path}`).join(','),
  }
  const run = (...args: string[]) => consentry(env, 'audit', ...args)
  const json = await run('--json')
  t.equal(json.code, 1)
  const report = JSON.parse(json.out) as AuditReport
  t.notOk(report.ok)
  t.ok(report.faults.some(({ kind }) => kind === 'object-orphan'))
  const shown = await run()
  t.equal(shown.code, 1)
  t.match(shown.out, /fails.*each container is known/)
  t.match(shown.out, /holds.*purposes are apart/)
})
