// Real: the disk. Fake: none.
import { randomBytes } from 'node:crypto'
import { mkdirSync, symlinkSync } from 'node:fs'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { codeOf } from '../../../src/shared/errors.js'
import { newPartId } from '../../../src/shared/ids.js'
import { Lane } from '../../../src/shared/lane.js'
import { createPartSealer } from '../../../src/vault/crypto/part-sealer.js'
import { DiskWriter } from '../../../src/vault/store/disk-writer.js'
import { objectName } from '../../../src/vault/store/object-name.js'
import { openStore } from '../../../src/vault/store/store.js'
import { SyncGroup } from '../../../src/vault/store/sync-group.js'
import { MARK_FILE } from '../../../src/vault/volume.js'
import { block, keyPair, partInfo, STARTED } from '../../unit/vault/fixture.js'

const { recipients } = keyPair()
const newName = (purpose = 'service') => objectName(purpose, STARTED, newPartId())
const failure = async (work: Promise<unknown>) => work.then(() => 'none', codeOf)

t.test('chunks whose append has resolved are in the file, in order', async t => {
  const store = await openStore(`file:${t.testdir({})}/store`)
  const name = newName()
  t.match(name, /^service\/2026\/01\/15\/[0-9a-f-]{36}\.ctry$/)
  const writer = await store.create(name)
  const sealer = createPartSealer(partInfo(), recipients)
  const first = [sealer.begin(STARTED), ...sealer.seal(block('caller', 0, randomBytes(32_768)))]
  await writer.append(first)
  t.ok((await readFile(store.locate(name))).equals(Buffer.concat(first.map(({ bytes }) => bytes))))

  const appended = [...first]
  const waits: Promise<void>[] = []
  for (let i = 0; i < 50; i++) {
    const chunks = sealer.seal(block('agent', i * 4000, randomBytes(4000)))
    appended.push(...chunks)
    waits.push(writer.append(chunks))
    // Some writes begin while others are running.
    if (i % 10 === 0) await new Promise(resolve => setTimeout(resolve, 45))
  }
  await Promise.all(waits)
  const rest = sealer.finish()
  appended.push(...rest)
  void writer.append(rest)
  await writer.close()
  const expected = Buffer.concat(appended.map(({ bytes }) => bytes))
  t.ok((await readFile(store.locate(name))).equals(expected), 'closing waits for what was appended')

  const source = await store.open(name)
  t.equal(source.size, expected.length)
  t.ok((await source.read(1000, 5000)).equals(expected.subarray(1000, 6000)))
  t.ok((await source.read(source.size - 10, 100)).equals(expected.subarray(-10)), 'short at the end')
  t.equal((await source.read(source.size + 5, 10)).length, 0)
  await source.close()
  t.equal(await failure(writer.append(rest)), 'store.unwritable', 'nothing is appended after closing')
})

t.test('folders and files are for their owner only, and a used name is refused', async t => {
  const root = t.testdir({})
  const store = await openStore(`file:${root}/store`)
  const name = newName()
  const writer = await store.create(name)
  t.equal((await stat(store.locate(name))).mode & 0o777, 0o600)
  for (let path = dirname(store.locate(name)); path !== root; path = dirname(path))
    t.equal((await stat(path)).mode & 0o777, 0o700, path)
  t.equal(await failure(store.create(name)), 'store.unwritable')
  await writer.close()
})

t.test('objects are listed and removed, and removing can be repeated', async t => {
  const root = t.testdir({ 'stray.txt': 'not an object' })
  const store = await openStore(`file:${root}`)
  const names = [newName(), newName('marketing')]
  for (const name of names) {
    const writer = await store.create(name)
    await writer.append([createPartSealer(partInfo(), recipients).begin(STARTED)])
    await writer.close()
  }
  const listed: string[] = []
  for await (const { name, size } of store.list()) {
    listed.push(name)
    t.ok(size > 134)
  }
  t.strictSame(listed.sort(), [...names].sort())
  await store.remove(names[0]!)
  await store.remove(names[0]!)
  await store.remove(newName('never-there'))
  t.equal(await failure(store.open(names[0]!)), 'not-found')
})

t.test('all objects of a large folder are listed', async t => {
  const store = await openStore(`file:${t.testdir({})}`)
  const names = Array.from({ length: 100 }, () => newName())
  for (const name of names) await (await store.create(name)).close()
  const listed: string[] = []
  for await (const { name } of store.list()) listed.push(name)
  t.strictSame(listed.sort(), names.sort())
})

t.test('no name leads out of the store', async t => {
  const store = await openStore(`file:${t.testdir({})}/store`)
  const part = newPartId()
  for (const name of [`../2026/01/15/${part}.ctry`, `/etc/passwd`, '', `service/2026/01/15/../${part}.ctry`])
    t.equal(await failure(store.create(name)), 'container.invalid', name)
  t.throws(() => objectName('../x', STARTED, part), { code: 'container.invalid' })
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
