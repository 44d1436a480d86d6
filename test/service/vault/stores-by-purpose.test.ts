// Real: disk, cryptography, store and key store with a folder for each purpose. Fake: none.
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { codeOf } from '../../../src/core/errors.js'
import { english } from '../../../src/core/message.js'
import { decodeLegs } from '../../../src/recordings/open/open-recording.js'
import { checkPurposes } from '../../../src/vault/check-setup.js'
import { createPartSealer } from '../../../src/vault/crypto/part-sealer.js'
import type { Identity, PartInfo } from '../../../src/vault/crypto/types.js'
import { openKeyStore } from '../../../src/vault/keys/key-store.js'
import { objectName } from '../../../src/vault/store/object-name.js'
import { openStore } from '../../../src/vault/store/store.js'
import { MARK_FILE } from '../../../src/vault/volume.js'
import { exactly } from '../../support/assertions/exactly.js'
import { scratch } from '../../support/processes/database.js'
import { block, keyPair, partInfo, STARTED } from '../../unit/vault/fixture.js'
import { all } from './conformance/outcome.js'

const PURPOSES = ['service', 'marketing'] as const
const DUE = '2026-02-14'

const pairs = { service: keyPair('service'), marketing: keyPair('marketing') }

/** Store and key store with a location for each purpose, and one recording of each. */
async function house(t: Test) {
  const root = await scratch(t)
  const apart = (what: string) =>
    PURPOSES.map(purpose => `${purpose}=file:${root}/${purpose}/${what}`).join(' ')
  const store = await openStore(apart('store'))
  const keyStore = await openKeyStore(apart('keys'))
  const record = async (purpose: 'service' | 'marketing') => {
    const info = partInfo({ purpose })
    const sealer = createPartSealer(info, pairs[purpose].recipients)
    const object = objectName(purpose, STARTED, info.part)
    const writer = await store.create(object)
    const chunks = [sealer.begin(STARTED), ...sealer.seal(block('caller', 0, randomBytes(800)))]
    await writer.append([...chunks, ...sealer.finish()])
    await writer.close()
    const key = { purpose, due: DUE, part: info.part }
    await keyStore.put(key, sealer.wrappedKey)
    return { info, object, key }
  }
  const recordings = { service: await record('service'), marketing: await record('marketing') }

  /** Opens a container with a key file and identities, and returns the outcome. */
  const opening = async (
    object: string,
    key: { purpose: string; due: string; part: PartInfo['part'] },
    identities: Identity[],
  ) => {
    const source = await store.open(object)
    try {
      const wrappedKey = await keyStore.get(key)
      const { seconds } = await decodeLegs([{ source, wrappedKey }], identities)
      return seconds > 0 ? 'opened' : 'empty'
    } catch (error) {
      return codeOf(error)
    } finally {
      await source.close()
    }
  }
  return { root, store, keyStore, recordings, opening }
}

const files = async (folder: string) => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile() && entry.name !== MARK_FILE).map(({ name }) => name)
}

t.test('each purpose is stored only in its own location', async t => {
  const { root, store, keyStore, recordings } = await house(t)
  for (const purpose of PURPOSES) {
    const { info, object, key } = recordings[purpose]
    t.strictSame((await files(join(root, purpose))).sort(), [info.part, `${info.part}.ctry`].sort())
    t.ok(store.locate(object).startsWith(join(root, purpose, 'store')))
    t.strictSame(keyStore.locate(key), [join(root, purpose, 'keys', purpose, DUE, info.part)])
    t.strictSame(await keyStore.find(info.part), key)
  }
  t.equal((await all(store.list())).length, 2)
  t.equal((await all(keyStore.list())).length, 2)
  t.strictSame([await all(store.misplaced()), await all(keyStore.misplaced())], [[], []])
})

t.test('the keys of one purpose open its recordings and none of another purpose', async t => {
  const { keyStore, recordings, opening } = await house(t)
  const matrix: Record<string, unknown> = {}
  for (const container of PURPOSES) {
    for (const key of PURPOSES) {
      for (const role of PURPOSES) {
        const { object } = recordings[container]
        matrix[`${container} by ${role} with the key of ${key}`] = await opening(
          object,
          recordings[key].key,
          pairs[role].identities,
        )
      }
    }
  }
  t.strictSame(matrix, {
    'service by service with the key of service': 'opened',
    'service by marketing with the key of service': 'key.missing',
    'service by service with the key of marketing': 'key.missing',
    'service by marketing with the key of marketing': 'key.missing',
    'marketing by service with the key of service': 'key.missing',
    'marketing by marketing with the key of service': 'key.missing',
    'marketing by service with the key of marketing': 'key.missing',
    'marketing by marketing with the key of marketing': 'opened',
  })

  await t.test('a swapped key file opens nothing, even with both identities', async t => {
    const both = [...pairs.service.identities, ...pairs.marketing.identities]
    for (const [container, key] of [
      ['service', 'marketing'],
      ['marketing', 'service'],
    ] as const)
      t.ok(
        ['key.missing', 'key.refused'].includes(
          String(await opening(recordings[container].object, recordings[key].key, both)),
        ),
      )
  })

  await t.test('a key file moved into the other folder opens nothing there', async t => {
    const { service, marketing } = recordings
    const stolen = { ...service.key, part: marketing.info.part }
    await writeFile(keyStore.locate(stolen)[0]!, await keyStore.get(marketing.key))
    t.equal(await opening(service.object, stolen, pairs.service.identities), 'key.missing')
    t.equal(
      await opening(marketing.object, stolen, pairs.service.identities),
      'key.missing',
      'nor its own container',
    )
    const renamed = keyStore.locate(service.key)[0]!
    await copyFile(keyStore.locate(marketing.key)[0]!, renamed)
    t.equal(
      await opening(service.object, service.key, pairs.service.identities),
      'key.missing',
      'under its name',
    )
  })

  await t.test('swapped containers are refused', async t => {
    const { store, recordings, opening } = await house(t)
    const [a, b] = [store.locate(recordings.service.object), store.locate(recordings.marketing.object)]
    await rename(a, `${a}.away`)
    await rename(b, a)
    await rename(`${a}.away`, b)
    for (const container of PURPOSES) {
      for (const role of PURPOSES) {
        const { object, key } = recordings[container]
        t.equal(await opening(object, key, pairs[role].identities), 'key.missing', `${container} by ${role}`)
      }
    }
  })
})

t.test('a swapped container of the same purpose is refused as well', async t => {
  const [one, other] = [await house(t), await house(t)]
  const { store, recordings, opening } = one
  await copyFile(other.store.locate(other.recordings.service.object), store.locate(recordings.service.object))
  const { object, key } = recordings.service
  t.equal(await opening(object, key, pairs.service.identities), 'key.refused')
})

t.test(
  'objects and keys in the location of another purpose are listed as misplaced and not opened',
  async t => {
    const { root, store, keyStore, recordings } = await house(t)
    const { object, key, info } = recordings.marketing
    const strayObject = join(root, 'service', 'store', object)
    const strayKey = join(root, 'service', 'keys', key.purpose, key.due, key.part)
    for (const [from, to] of [
      [store.locate(object), strayObject],
      [keyStore.locate(key)[0]!, strayKey],
    ] as const) {
      await mkdir(dirname(to), { recursive: true })
      await rename(from, to)
    }
    t.strictSame(await all(store.misplaced()), [strayObject])
    t.strictSame(await all(keyStore.misplaced()), [strayKey])
    t.equal(await store.open(object).then(() => 'opened', codeOf), 'not-found')
    t.notOk(await store.has(object))
    t.equal(await keyStore.get(key).then(() => 'got', codeOf), 'not-found')
    t.equal(await keyStore.find(info.part), undefined)
  },
)

t.test('a purpose without a location is refused and not stored elsewhere', async t => {
  const { root, store, keyStore } = await house(t)
  const before = await files(root)
  const info = partInfo({ purpose: 'training' })
  const object = objectName('training', STARTED, info.part)
  const key = { purpose: 'training', due: DUE, part: info.part }
  t.equal(await store.create(object).then(() => 'made', codeOf), 'config.invalid')
  t.equal(await keyStore.put(key, Buffer.from('key')).then(() => 'put', codeOf), 'config.invalid')
  t.strictSame(await files(root), before)

  const line = (purpose: string, mode: 'key' | 'none' = 'key') => ({
    number: '105',
    mode,
    purposes: [
      {
        purpose,
        retentionDays: 30,
        legalBasis: 'consent',
        prompts: { question: 'q', granted: 'g', refused: 'r' },
      },
    ],
  })
  const tools = { store, keyStore, recipients: pairs.service.recipients }
  t.throws(() => checkPurposes([line('training')], tools), {
    code: 'config.invalid',
    message:
      /purpose "training" \(line 105\) in CONSENTRY_STORE; purpose "training" \(line 105\) in CONSENTRY_KEYSTORE/,
  })
  t.strictSame(checkPurposes([line('service'), line('training', 'none')], tools), [])
  t.match(
    checkPurposes([line('marketing')], tools).map(english),
    exactly(/nothing is recorded for purpose "marketing" \(line 105\)/),
  )
})

t.test('each purpose has mirrors of its own', async t => {
  const root = t.testdir({})
  const keys = await openKeyStore(`service=file:${root}/a,file:${root}/b marketing=file:${root}/c`)
  const key = { purpose: 'service', due: DUE, part: partInfo().part }
  await keys.put(key, Buffer.from('sealed'))
  t.strictSame(
    keys.locate(key).map(path => path.slice(root.length, root.length + 3)),
    ['/a/', '/b/'],
  )
  for (const path of keys.locate(key)) t.equal(await readFile(path, 'utf8'), 'sealed')
  await keys.destroyAll([key])
  t.strictSame(await files(root), [])
})
