import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { destroyRecordings } from '../../../src/destruction/destroy.js'
import { rotateKeys } from '../../../src/operations/rotate-keys.js'
import { type KeyStore, openKeyStore } from '../../../src/vault/keys/key-store.js'
import { consentry } from '../../support/processes/command.js'
import { openingResults, startRotationSetup } from '../../support/processes/rotation-setup.js'

// Real: PostgreSQL, journal, disk, two mirrors, cryptography, sealed recordings. Nothing is fake.

t.test('a rotation that does not find every key keeps the old identity', async t => {
  const home = await startRotationSetup(t)
  const { deps, files, rotate, record, identitiesNow } = home
  const [kept, erased] = [await record(), await record()]
  const what = { cause: 'erasure', reason: 'asked', by: 'tester' } as const
  await destroyRecordings(deps, what, [[erased.recordings['service']!]])
  const keyStore = await openKeyStore(`file:${join(home.logSetup.dir, 'elsewhere')}`)
  const into = (store: KeyStore, dropOld = false) =>
    rotateKeys({ ...deps, keyStore: store }, 'service', { files, by: 'tester', dropOld })
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
    /Not finished\. 1 keys of service are in no place of CONSENTRY_KEYSTORE.*\n.*service alone; consentry audit/,
  )
  t.equal((await identitiesNow()).length, 3, 'the old identity of service is still there')
  const json = await rotating('service', '--json')
  t.match(
    { code: json.code, ...JSON.parse(json.out) },
    { code: 1, rotations: [{ missing: 1, finished: false }] },
  )
  const dropped = await rotating('service', '--drop-old')
  t.match(dropped, { code: 0, out: /Finished\. 1 keys of service were in no place/ })
  t.equal((await identitiesNow()).length, 2)
})
