// Real: folders that are taken away and put back. Nothing is fake; a volume that is not mounted is an empty folder.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { codeOf } from '../../../src/shared/errors.js'
import type { PartId } from '../../../src/shared/ids.js'
import { openKeyStore } from '../../../src/vault/keys/key-store.js'
import { MARK } from '../../../src/vault/place.js'
import { openStore } from '../../../src/vault/store/store.js'

const ref = { purpose: 'service', due: '2026-12-25', part: '2cac16ea-2b4f-46bd-9ec8-98d7e5f695b3' as PartId }
const NAME = `service/2026/11/25/${ref.part}.ctry`

/** What a promise came to: its code, or `done`. */
const outcome = (work: () => Promise<unknown>) =>
  work().then(
    () => 'done',
    error => codeOf(error) ?? String(error),
  )

/** In what ways a folder is not what it was. */
const ways: [title: string, makeInstead: (folder: string) => Promise<unknown>][] = [
  ['is not there', async () => undefined],
  ['is empty, as where a volume is not mounted', folder => mkdir(folder)],
  ['is a file', folder => writeFile(folder, '')],
  ['is that of another', folder => openStore(`file:${folder}`)],
]

async function home(t: Test) {
  const root = t.testdir({})
  const memory = join(root, 'places.json')
  const open = async () => ({
    store: await openStore(`file:${root}/store`, memory),
    keys: await openKeyStore(`file:${root}/keys,file:${root}/mirror`, memory),
  })
  return { root, memory, open, ...(await open()) }
}

for (const [title, instead] of ways) {
  t.test(`a key store that ${title} is not taken for one without keys`, async t => {
    const { root, keys, open } = await home(t)
    await keys.put(ref, Buffer.from('sealed'))
    await rename(`${root}/keys`, `${root}/aside`)
    await instead(`${root}/keys`)
    const { absent, failed } = await keys.destroyAll([ref])
    t.strictSame([absent, failed.get(ref)?.code], [[], 'store.unwritable'], 'nothing is called destroyed')
    t.match(failed.get(ref)?.message, /is its volume mounted\?|ENOTDIR/)
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
    t.equal((await keys.standing(ref)).length, 1, 'the mirror has lost it already')
    t.equal(await outcome(() => keys.destroy(ref)), 'done')
    t.strictSame(await keys.standing(ref), [])
    t.equal(await outcome(() => open()), 'done')
  })

  t.test(`a store that ${title} is not taken for one without containers`, async t => {
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
      checkWritable: () => store.checkWritable('service'),
      'open anew': () => open(),
    }
    for (const [what, work] of Object.entries(others)) t.equal(await outcome(work), 'store.unwritable', what)
    await rm(`${root}/store`, { recursive: true, force: true })
    await rename(`${root}/aside`, `${root}/store`)
    t.equal(await outcome(() => store.remove(NAME)), 'done')
    t.equal(await outcome(() => store.open(NAME)), 'not-found', 'there it is missing')
  })
}

t.test('one that was replaced for good is taken once the old one is forgotten', async t => {
  const { root, memory, open } = await home(t)
  await rm(`${root}/mirror`, { recursive: true })
  await t.rejects(open(), { message: new RegExp(`take it out of ${memory}`) })
  const known = JSON.parse(await readFile(memory, 'utf8'))
  t.strictSame(
    Object.keys(known).sort(),
    ['keys', 'mirror', 'store'].map(name => join(root, name)),
  )
  delete known[`${root}/mirror`]
  await writeFile(memory, JSON.stringify(known))
  t.equal(await outcome(() => open()), 'done')
  t.strictSame(await readdir(`${root}/mirror`), [MARK])
  await writeFile(memory, '[')
  t.equal(await outcome(() => open()), 'config.invalid')
})

t.test('two that make one at the same time agree on its mark', async t => {
  const root = t.testdir({})
  const opened = await Promise.all(
    Array.from({ length: 8 }, (_, i) => openStore(`file:${root}/new`, join(root, `memory-${i}`))),
  )
  for (const store of opened) t.equal(await outcome(() => store.checkWritable('service')), 'done')
  t.strictSame(await readdir(`${root}/new`), [MARK])
})

async function all<T>(entries: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const entry of entries) found.push(entry)
  return found
}
