// Real: folders that are moved away and back. Fake: none.
// An unmounted volume looks like an empty folder.
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { codeOf } from '../../../src/shared/errors.js'
import type { PartId } from '../../../src/shared/ids.js'
import { openKeyStore } from '../../../src/vault/keys/key-store.js'
import { openStore } from '../../../src/vault/store/store.js'
import { MARK_FILE } from '../../../src/vault/volume.js'

const ref = { purpose: 'service', due: '2026-12-25', part: '2cac16ea-2b4f-46bd-9ec8-98d7e5f695b3' as PartId }
const NAME = `service/2026/11/25/${ref.part}.ctry`

/** Returns the error code of a promise, or `done`. */
const outcome = (work: () => Promise<unknown>) =>
  work().then(
    () => 'done',
    error => codeOf(error) ?? String(error),
  )

/** Ways in which a folder is not the right volume. */
const ways: [title: string, makeInstead: (folder: string) => Promise<unknown>][] = [
  ['is missing', async () => undefined],
  ['is empty, like an unmounted volume', folder => mkdir(folder)],
  ['is a file', folder => writeFile(folder, '')],
  ['has the mark of another volume', folder => openStore(`file:${folder}`)],
]

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

for (const [title, instead] of ways) {
  t.test(`a key store that ${title} does not count as empty`, async t => {
    const { root, keys, open } = await home(t)
    await keys.put(ref, Buffer.from('sealed'))
    await rename(`${root}/keys`, `${root}/aside`)
    await instead(`${root}/keys`)
    const { absent, failed } = await keys.destroyAll([ref])
    t.strictSame([absent, failed.get(ref)?.code], [[], 'store.unwritable'], 'nothing is called destroyed')
    t.match(
      failed.get(ref)?.message,
      /(its|the right) volume is mounted and that it is the right folder|of recordings, not of keys|ENOTDIR/,
    )
    const other = { ...ref, part: '11111111-1111-4111-8111-111111111111' as PartId }
    const others = {
      put: () => keys.put(other, Buffer.from('sealed')),
      find: () => keys.find(other.part),
      get: () => keys.get(other),
      list: () => all(keys.list()),
      checkWritable: () => keys.checkWritable('service'),
      open: () => open(),
    }
    for (const [what, work] of Object.entries(others)) t.equal(await outcome(work), 'store.unwritable', what)
    await rm(`${root}/keys`, { recursive: true, force: true })
    await rename(`${root}/aside`, `${root}/keys`)
    t.equal((await keys.existingPaths(ref)).length, 1, 'the mirror has lost it already')
    t.equal(await outcome(() => keys.destroy(ref)), 'done')
    t.strictSame(await keys.existingPaths(ref), [])
    t.equal(await outcome(() => open()), 'done')
  })

  t.test(`a store that ${title} does not count as empty`, async t => {
    const { root, store, open } = await home(t)
    const writer = await store.create(NAME)
    await writer.close()
    await rename(`${root}/store`, `${root}/aside`)
    await instead(`${root}/store`)
    t.equal((await store.removeAll([NAME])).get(NAME)?.code, 'store.unwritable')
    const others = {
      remove: () => store.remove(NAME),
      create: () => store.create(NAME),
      open: () => store.open(NAME),
      has: () => store.has(NAME),
      checkMounted: () => store.checkMounted('service'),
      list: () => all(store.list()),
      checkWritable: () => store.checkWritable('service'),
      'open anew': () => open(),
    }
    for (const [what, work] of Object.entries(others)) t.equal(await outcome(work), 'store.unwritable', what)
    await rm(`${root}/store`, { recursive: true, force: true })
    await rename(`${root}/aside`, `${root}/store`)
    t.equal(await outcome(() => store.remove(NAME)), 'done')
    t.equal(await outcome(() => store.open(NAME)), 'not-found', 'there it is missing')
    t.notOk(await store.has(NAME))
  })
}

t.test('a new volume is accepted when it has the mark of another volume of its kind', async t => {
  const { root, open } = await home(t)
  await rm(`${root}/mirror`, { recursive: true })
  await t.rejects(open(), { message: /mark it by hand/ })
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

async function all<T>(entries: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const entry of entries) found.push(entry)
  return found
}
