// Real: the disk. Fake: none. What every store promises is in `conformance/`.
import { mkdirSync, symlinkSync } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { codeOf } from '../../../src/core/errors.js'
import { newPartId } from '../../../src/core/ids.js'
import { Lane } from '../../../src/lib/lane.js'
import { createPartSealer } from '../../../src/vault/crypto/part-sealer.js'
import { DiskWriter, SyncGroup } from '../../../src/vault/store/disk-store.js'
import { objectName } from '../../../src/vault/store/object-name.js'
import { openStore } from '../../../src/vault/store/store.js'
import { MARK_FILE } from '../../../src/vault/volume.js'
import { keyPair, partInfo, STARTED } from '../../unit/vault/fixture.js'

const { recipients } = keyPair()
const newName = (purpose = 'service') => objectName(purpose, STARTED, newPartId())
const failure = async (work: Promise<unknown>) => work.then(() => 'none', codeOf)

t.test('folders and files are for their owner only', async t => {
  const root = t.testdir({})
  const store = await openStore(`file:${root}/store`)
  const name = newName()
  const writer = await store.create(name)
  t.equal((await stat(store.locate(name))).mode & 0o777, 0o600)
  for (let path = dirname(store.locate(name)); path !== root; path = dirname(path))
    t.equal((await stat(path)).mode & 0o777, 0o700, path)
  await writer.close()
})

t.test('a file that is no object is not listed', async t => {
  const root = t.testdir({ 'stray.txt': 'not an object', service: { 'stray.ctry': 'not an object either' } })
  const store = await openStore(`file:${root}`)
  const name = newName()
  await (await store.create(name)).close()
  const listed: string[] = []
  for await (const entry of store.list()) listed.push(entry.name)
  t.strictSame(listed, [name])
})

t.test('an object is named by purpose, day in UTC and part', async t => {
  t.match(newName(), /^service\/2026\/01\/15\/[0-9a-f-]{36}\.ctry$/)
  t.throws(() => objectName('../x', STARTED, newPartId()), { code: 'container.invalid' })
})

t.test('a store that cannot be written throws store.unwritable', async t => {
  // A file in place of a folder, because permissions do not stop root.
  const root = t.testdir({ file: 'x', store: { service: 'in place of a folder' } })
  t.equal(await failure(openStore(`file:${root}/file`)), 'store.unwritable')
  const store = await openStore(`file:${root}/store`)
  await store.checkWritable('service')
  t.strictSame(await readdir(join(root, 'store')), [MARK_FILE, 'service'], 'the check leaves nothing')
  t.equal(await failure(store.create(newName())), 'store.unwritable')
  t.equal(await failure(openStore('s3://bucket')), 'config.invalid')
  t.equal(await failure(openStore('store')), 'config.invalid')
})

t.test('a missing object and an unreadable one give different errors', async t => {
  const root = t.testdir({ store: {} })
  const store = await openStore(`file:${root}/store`)
  const [missing, folder, loop] = [newName(), newName(), newName()]
  mkdirSync(store.locate(folder), { recursive: true })
  // A link to itself stops root too, unlike permissions.
  symlinkSync(store.locate(loop), store.locate(loop))
  t.equal(await failure(store.open(missing)), 'not-found')
  t.equal(await failure(store.open(folder)), 'not-found', 'it is no file')
  await t.rejects(store.open(loop), { code: 'store.unwritable', message: `${store.locate(loop)}: ELOOP` })
})

t.test('a full disk: the append fails, and so does every later one', async t => {
  // Every write to /dev/full fails with ENOSPC.
  const writer = new DiskWriter(await open('/dev/full', 'a'), 'full', new SyncGroup(), new Lane(1))
  const chunk = createPartSealer(partInfo(), recipients).begin(STARTED)
  const results = await Promise.all([failure(writer.append([chunk])), failure(writer.append([chunk]))])
  t.strictSame(results, ['store.unwritable', 'store.unwritable'])
  t.equal(await failure(writer.append([chunk])), 'store.unwritable')
  await writer.close()
})
