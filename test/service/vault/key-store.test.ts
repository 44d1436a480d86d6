// Real: the disk. Fake: none.
// The tests may run as root. Permissions do not stop root, but a file in place of a folder does.
import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { codeOf } from '../../../src/core/errors.js'
import { newPartId, type PartId } from '../../../src/core/ids.js'
import { type KeyRef, openKeyStore } from '../../../src/vault/keys/key-store.js'
import { MARK_FILE } from '../../../src/vault/volume.js'

const wrapped = Buffer.from('{"consentryKey":1}\n')
const ref = (change: Partial<KeyRef> = {}): KeyRef => ({
  purpose: 'service',
  due: '2026-02-14',
  part: newPartId(),
  ...change,
})

const files = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile() && entry.name !== MARK_FILE).map(({ name }) => name)
}

const failure = async (work: Promise<unknown>) => work.then(() => 'none', codeOf)

t.test('a key file is at <purpose>/<due>/<part> on every mirror, for its owner only', async t => {
  const root = t.testdir({})
  const keys = await openKeyStore(`file:${root}/a, file://${root}/b`)
  const key = ref()
  await keys.put(key, wrapped)
  for (const mirror of ['a', 'b']) {
    const path = join(root, mirror, key.purpose, key.due, key.part)
    t.ok((await readFile(path)).equals(wrapped))
    t.equal((await stat(path)).mode & 0o777, 0o600)
    t.equal((await stat(join(root, mirror, key.purpose))).mode & 0o777, 0o700)
    t.equal((await stat(join(root, mirror, key.purpose, key.due))).mode & 0o777, 0o700)
  }
})

t.test('if a mirror fails, put fails and leaves no file on any mirror', async t => {
  const root = t.testdir({})
  const keys = await openKeyStore(`file:${root}/a,file:${root}/b`)
  await writeFile(join(root, 'b', 'service'), 'in place of a folder')
  t.equal(await failure(keys.put(ref(), wrapped)), 'store.unwritable')
  t.strictSame(await files(join(root, 'a')), [])
  t.strictSame(await files(join(root, 'b')), ['service'])
})

t.test('reading and listing work without one of the mirrors', async t => {
  const root = t.testdir({})
  const keys = await openKeyStore(`file:${root}/a,file:${root}/b`)
  const both = ref()
  const onlyInB = ref({ purpose: 'marketing' })
  await keys.put(both, wrapped)
  await keys.put(onlyInB, wrapped)
  await rm(join(root, 'a', 'marketing'), { recursive: true })
  const listed: PartId[] = []
  for await (const entry of keys.list()) {
    listed.push(entry.part)
    t.ok(Math.abs(entry.modifiedAt - Date.now()) < 60_000)
  }
  t.strictSame(listed.sort(), [both.part, onlyInB.part].sort())
  await rm(join(root, 'a'), { recursive: true })
  t.ok((await keys.get(both)).equals(wrapped))
  t.strictSame(await keys.find(onlyInB.part), onlyInB)
})

t.test('destroy removes the file from every mirror', async t => {
  const root = t.testdir({})
  const keys = await openKeyStore(`file:${root}/a,file:${root}/b`)
  const key = ref()
  const kept = ref()
  await keys.put(key, wrapped)
  await keys.put(kept, wrapped)
  await keys.destroy(key)
  t.strictSame(await files(root), [kept.part, kept.part])
})

t.test('no file outside the folder is touched', async t => {
  const root = t.testdir({ outside: 'kept' })
  const keys = await openKeyStore(`file:${root}/keys`)
  const bad: Partial<KeyRef>[] = [
    { purpose: '..' },
    { purpose: 'a/b' },
    { purpose: '' },
    { due: '../../x' },
    { due: '2026-13-01' },
    { part: '../../../outside' as PartId },
    { part: '..' as PartId },
  ]
  for (const change of bad) {
    t.equal(await failure(keys.put(ref(change), wrapped)), 'key.refused', `put ${JSON.stringify(change)}`)
    t.equal(await failure(keys.destroy(ref(change))), 'key.refused')
  }
  t.strictSame(await files(root), ['outside'])
})

t.test('the next start destroys the temporary files of an interrupted put', async t => {
  const root = t.testdir({})
  const folder = join(root, 'service', '2026-02-14')
  await mkdir(folder, { recursive: true })
  const [old, fresh] = [`.${newPartId()}.00.tmp`, `.${newPartId()}.01.tmp`]
  await writeFile(join(folder, old), 'sealed key')
  await writeFile(join(folder, fresh), 'sealed key')
  const elevenMinutesAgo = Date.now() / 1000 - 11 * 60
  await utimes(join(folder, old), elevenMinutesAgo, elevenMinutesAgo)
  const keys = await openKeyStore(`file:${root}`)
  t.strictSame(await readdir(folder), [fresh])
  for await (const entry of keys.list()) t.fail('a temporary file is listed', entry)
})

t.test('a key store opens while another process completes a key file', async t => {
  const root = t.testdir({})
  const folder = join(root, 'service', '2026-02-14')
  await mkdir(folder, { recursive: true })
  // A name in the listing whose file is gone, as after the rename.
  await symlink(join(folder, 'gone'), join(folder, `.${newPartId()}.00.tmp`))
  t.equal(await failure(openKeyStore(`file:${root}`)), 'none')
})

t.test('opening an impossible key store fails', async t => {
  const root = t.testdir({ keys: 'a file' })
  t.equal(await failure(openKeyStore(`file:${root}/keys`)), 'store.unwritable')
  t.equal(await failure(openKeyStore('keys')), 'config.invalid')
  t.equal(await failure(openKeyStore(`file:${root}/a,`)), 'config.invalid')
})
