// Real: folders. Fake: none. That a volume which is not mounted does not count as empty is checked in `conformance/`.
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { PartId } from '../../../src/core/ids.js'
import { openKeyStore } from '../../../src/vault/keys/key-store.js'
import { openStore } from '../../../src/vault/store/store.js'
import { MARK_FILE } from '../../../src/vault/volume.js'
import { all, outcome } from './conformance/outcome.js'

const ref = { purpose: 'service', due: '2026-12-25', part: '2cac16ea-2b4f-46bd-9ec8-98d7e5f695b3' as PartId }
const NAME = `service/2026/11/25/${ref.part}.ctry`

const ID = 'f3f1f7a4-8f0b-4c39-a6f7-5c0f6a2a53a1'

async function home(t: Test) {
  const root = t.testdir({})
  const open = async (ifMissing: 'make' | 'refuse' | 'refuse at use' = 'refuse') => {
    const marking = { id: ID, ifMissing }
    return {
      store: await openStore(`file:${root}/store`, marking),
      keys: await openKeyStore(`file:${root}/keys,file:${root}/mirror`, marking),
    }
  }
  return { root, open, ...(await open('make')) }
}

t.test('a new volume is accepted when it has the mark of another volume of its kind', async t => {
  const { root, open } = await home(t)
  await rm(`${root}/mirror`, { recursive: true })
  await t.rejects(open(), { message: /^CONSENTRY_KEYSTORE: .*mark it by hand/ })
  await mkdir(`${root}/mirror`)
  await copyFile(`${root}/store/${MARK_FILE}`, `${root}/mirror/${MARK_FILE}`)
  await t.rejects(open(), { message: /of recordings, not of keys/ }, 'what marks recordings marks no keys')
  await copyFile(`${root}/keys/${MARK_FILE}`, `${root}/mirror/${MARK_FILE}`)
  t.equal(await outcome(() => open()), 'done')
})

t.test('with `refuse at use` a volume is neither made nor marked, and fails when it is used', async t => {
  const { root, open } = await home(t)
  await rm(root, { recursive: true })
  const { store, keys } = await open('refuse at use')
  t.equal(store.locate(NAME), join(root, 'store', NAME), 'the place of an object is known')
  t.equal(await outcome(() => store.open(NAME)), 'store.unwritable')
  t.equal(await outcome(() => keys.destroy(ref)), 'store.unwritable')
  await t.rejects(readdir(root), { code: 'ENOENT' })
})

t.test('with `nothing kept yet` a missing folder counts as empty', async t => {
  const root = t.testdir({})
  const marking = { ifMissing: 'nothing kept yet' } as const
  t.strictSame(await all((await openStore(`file:${root}/store`, marking)).list()), [])
  t.strictSame(await all((await openKeyStore(`file:${root}/keys`, marking)).list()), [])
  t.strictSame(await readdir(root), [])
})

t.test('two processes that mark a volume at the same time agree on the mark', async t => {
  const root = t.testdir({})
  const opened = await Promise.all(Array.from({ length: 8 }, () => openStore(`file:${root}/new`)))
  for (const store of opened) t.equal(await outcome(() => store.checkWritable('service')), 'done')
  t.strictSame(await readdir(`${root}/new`), [MARK_FILE])
})
