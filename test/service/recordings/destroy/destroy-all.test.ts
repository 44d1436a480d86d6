// Real: key store with two mirrors, disk store, folders for each purpose. Fake: the content of keys and containers.
import { existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { newPartId } from '../../../../src/core/ids.js'
import { draftPaths } from '../../../../src/vault/keys/key-folder.js'
import { type KeyRef, openKeyStore } from '../../../../src/vault/keys/key-store.js'
import { openStore } from '../../../../src/vault/store/store.js'
import { scratch } from '../../../support/processes/database.js'

const DUE = '2026-03-02'
const wrapped = Buffer.alloc(218, 'k')
const refOf = (purpose = 'service', part = newPartId()): KeyRef => ({ purpose, due: DUE, part })

async function mirrored(t: Test) {
  const dir = await scratch(t)
  const folders = [join(dir, 'a'), join(dir, 'b')]
  const store = await openKeyStore(folders.map(folder => `file:${folder}`).join(','))
  const paths = ({ purpose, due, part }: KeyRef) => folders.map(folder => join(folder, purpose, due, part))
  return { dir, store, paths }
}

t.test('key files are overwritten in place, and removed from every mirror', async t => {
  const { dir, store, paths } = await mirrored(t)
  const refs = Array.from({ length: 40 }, () => refOf())
  for (const ref of refs) await store.put(ref, wrapped)
  const [first] = refs as [KeyRef]
  const copies = paths(first).map((path, i) => {
    // A hard link shows the bytes that remain after the file itself is removed.
    const copy = join(dir, `copy-${i}`)
    linkSync(path, copy)
    return copy
  })
  t.strictSame(await store.destroyAll(refs), { absent: [], failed: new Map() })
  t.notOk(refs.flatMap(paths).some(path => existsSync(path)))
  for (const copy of copies) {
    const left = readFileSync(copy)
    t.equal(left.length, wrapped.length)
    t.notOk(left.includes(Buffer.alloc(8, 'k')), 'no eight bytes of the key are left')
  }
})

t.test(
  'keys on no mirror are reported, and files that a replacement left beside a key are destroyed',
  async t => {
    const { store, paths } = await mirrored(t)
    const [here, gone, interrupted] = [refOf(), refOf(), refOf()]
    await store.put(here, wrapped)
    const [onA, onB] = paths(here) as [string, string]
    await store.put(interrupted, wrapped)
    const left = paths(interrupted).flatMap(draftPaths)
    for (const path of left) writeFileSync(path, wrapped)
    const { absent, failed } = await store.destroyAll([here, gone, interrupted])
    t.strictSame(absent, [gone])
    t.equal(failed.size, 0)
    t.strictSame(
      [onA, onB, ...paths(interrupted), ...left].filter(path => existsSync(path)),
      [],
    )
    t.strictSame((await store.destroyAll([here, gone])).absent, [here, gone], 'a second time')
  },
)

t.test('the refusal of a mirror is reported for its key, and the other keys are destroyed', async t => {
  const { store, paths } = await mirrored(t)
  const refs = [refOf(), refOf(), refOf()] as const
  for (const ref of [refs[0], refs[2]]) await store.put(ref, wrapped)
  // A folder cannot be overwritten, not even by root.
  mkdirSync(paths(refs[1])[1]!, { recursive: true })
  const { absent, failed } = await store.destroyAll(refs)
  t.strictSame(absent, [])
  t.strictSame([...failed.keys()], [refs[1]])
  t.equal(failed.get(refs[1])?.code, 'store.unwritable')
  t.notOk([refs[0], refs[2]].flatMap(paths).some(path => existsSync(path)))
})

t.test('containers are removed, absent ones are ignored, and a refusal is reported', async t => {
  const dir = await scratch(t)
  const store = await openStore(`file:${dir}`)
  const names = Array.from({ length: 40 }, (_, i) => `service/2026/01/${10 + (i % 20)}/${newPartId()}.ctry`)
  const [refused, absent, ...there] = names as [string, string, ...string[]]
  for (const object of there) await (await store.create(object)).close()
  mkdirSync(store.locate(refused), { recursive: true })
  const faults = await store.removeAll([refused, absent, ...there])
  t.strictSame([...faults.keys()], [refused])
  t.notOk(there.some(object => existsSync(store.locate(object))))
})
