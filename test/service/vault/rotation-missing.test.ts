// Real: PostgreSQL, journal, disk, two mirrors, cryptography, sealed recordings, the command. Fake: none.
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { AppError } from '../../../src/core/errors.js'
import { destroyRecordings } from '../../../src/recordings/destroy/destroy.js'
import { rotateKeys } from '../../../src/recordings/keys/rotate-keys.js'
import { type KeyStore, openKeyStore } from '../../../src/vault/keys/key-store.js'
import { exactly } from '../../support/assertions/exactly.js'
import { person } from '../../support/data/actors.js'
import { consentry } from '../../support/processes/command.js'
import { openingResults, startRotationSetup } from '../../support/processes/rotation-setup.js'

t.test('a rotation that does not find every key keeps the old identity', async t => {
  const home = await startRotationSetup(t)
  const { deps, files, rotate, record, identitiesNow } = home
  const [kept, erased] = [await record(), await record()]
  const what = { cause: 'erasure', reason: 'asked', by: 'tester' } as const
  await destroyRecordings(deps, what, [[erased.recordings['service']!]])
  const keyStore = await openKeyStore(`file:${join(home.logSetup.dir, 'elsewhere')}`)
  const into = (store: KeyStore, dropOld = false) =>
    rotateKeys({ ...deps, keyStore: store }, person('tester'), 'service', { files, dropOld })
  const late = new Proxy(keyStore, {
    get: (target, name) =>
      name === 'list'
        ? async function* () {
            // This part begins during the listing, so its key need not be listed.
            await record()
            yield* target.list()
          }
        : Reflect.get(target, name),
  })
  t.match(await into(late), { resealed: 0, missing: 1, finished: false }, 'what is destroyed needs none')
  t.equal((await identitiesNow()).length, 3)
  t.match(await into(keyStore), { missing: 2, finished: false })
  t.match(await rotate('service'), { resealed: 1, missing: 0, finished: true }, 'where all are')
  const [identity] = (await identitiesNow()).filter(({ purpose }) => purpose === 'service')
  t.strictSame(await openingResults(home, [kept], [identity!], 'service'), ['opened'])
  t.match(await into(keyStore, true), { missing: 2, finished: true }, 'unless they are said to be gone')
})

t.test('a rotation that the journal does not take keeps the old identity for the next run', async t => {
  const { deps, files, rotate, record, identitiesNow } = await startRotationSetup(t)
  await record()
  const away = async () => {
    throw new AppError('journal.timeout', 'the journal did not answer')
  }
  const journal = { append: away, note: () => {} }
  const rotating = rotateKeys({ ...deps, journal }, person('tester'), 'service', { files, dropOld: false })
  await t.rejects(rotating, { code: 'journal.timeout' })
  const left = (await identitiesNow()).map(({ keyId }) => keyId)
  t.equal(left.length, 3)
  t.match(await rotate('service'), { resealed: 0, finished: true })
  const now = (await identitiesNow()).map(({ keyId }) => keyId)
  t.equal(now.length, 2)
  t.ok(
    now.every(keyId => left.includes(keyId)),
    'it is the same rotation',
  )
})

t.test('the verb prints how many keys were not found', async t => {
  const home = await startRotationSetup(t)
  const { record, identitiesNow, files } = home
  await record()
  const [first, second] = home.keys as [string, string]
  for (const folder of [first, second]) await rename(join(folder, 'service'), `${folder}-away`)
  const env = {
    DATABASE_URL: home.logSetup.url(),
    CONSENTRY_STORE: `file:${home.store}`,
    CONSENTRY_KEYSTORE: `file:${first},file:${second}`,
    CONSENTRY_RECIPIENTS: files.recipients,
    CONSENTRY_IDENTITY: files.identity,
  }
  const rotating = (...args: string[]) => consentry(env, 'keygen', '--rotate', '--by', 'tester', ...args)
  const { code, out } = await rotating()
  t.equal(code, 1)
  t.match(
    out,
    /Not finished\. 1 key of service is in no folder of CONSENTRY_KEYSTORE.*\n.*service alone; consentry audit/,
  )
  t.equal((await identitiesNow()).length, 3, 'the old identity of service is still there')
  const json = await rotating('service', '--json')
  t.match(
    { code: json.code, ...JSON.parse(json.out) },
    { code: 1, rotations: exactly({ missing: 1, finished: false }) },
  )
  const dropped = await rotating('service', '--drop-old')
  t.match(dropped, { code: 0, out: /Finished\. 1 key of service was in no folder/ })
  t.equal((await identitiesNow()).length, 2)
})
