// Real: PostgreSQL, journal, disk, two mirrors of keys, sealed recordings, the destruction. Fake: none.
import { rm, writeFile } from 'node:fs/promises'
import t from 'tap'
import { verifyRecordings } from '../../../../src/recordings/audit/verify-recordings.js'
import { destroyRecordings } from '../../../../src/recordings/destroy/destroy.js'
import { type StoredRecording, storeRecording } from '../../../support/data/stored-recording.js'
import { startArchiveSetup } from '../../../support/processes/archive-setup.js'

const home = await startArchiveSetup(t)
const { deps } = home
const { db, keyStore, identities } = deps
const superuser = await home.logSetup.superuser()
t.teardown(() => superuser.close())

t.test('verify tells destroyed recordings from removed ones', async t => {
  const [kept, gone, away, back] = [
    await storeRecording(home),
    await storeRecording(home),
    await storeRecording(home),
    await storeRecording(home),
  ]
  const wrapped = await keyStore.get(back.key)
  const why = { cause: 'erasure', reason: 'asked to', by: 'tester' } as const
  await destroyRecordings(deps, why, [[gone.recording, back.recording]])
  await keyStore.put(back.key, wrapped)
  for (const file of [away.path, ...away.keyPaths]) await rm(file)
  await superuser.query(`update recording set state = 'destroyed' where id = '${away.recording}'`)
  const faultsOf = async ({ recording }: StoredRecording, given = {}) =>
    (await verifyRecordings({ ...deps, ...given }, recording)).faults.map(({ kind }) => kind)
  for (const given of [{}, { identities }]) {
    t.strictSame(await faultsOf(kept, given), [])
    t.strictSame(await faultsOf(gone, given), [])
    t.strictSame(await faultsOf(away, given), ['key-missing', 'object-missing'])
    t.strictSame(await faultsOf(back, given), ['destroyed-present'])
  }
})

t.test('a damaged key file is found without any identity', async t => {
  const { recording, keyPaths } = await storeRecording(home)
  for (const path of keyPaths) await writeFile(path, '{}')
  const { faults } = await verifyRecordings({ db, store: deps.store, keyStore }, recording)
  t.strictSame(
    faults.map(({ kind, where }) => `${kind} ${where}`),
    [`key-refused ${keyPaths[0]}`],
  )
})
