// Real: the disk. Fake: none.
import { chmod, link, lstat, open, readdir, readFile, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { codeOf } from '../../../../src/core/errors.js'
import { replaceFile } from '../../../../src/lib/files/durable.js'

t.test('a file is replaced atomically, and its mode and a link to it stay', async t => {
  const folder = t.testdir({ real: { identity: 'old' } })
  const path = join(folder, 'real', 'identity')
  await chmod(path, 0o600)
  await symlink(path, join(folder, 'identity'))
  await replaceFile(join(folder, 'identity'), 'the new one', true)
  t.equal(await readFile(path, 'utf8'), 'the new one')
  t.equal((await stat(path)).mode & 0o777, 0o600)
  t.ok((await lstat(join(folder, 'identity'))).isSymbolicLink())
  t.strictSame(await readdir(join(folder, 'real')), ['identity'])
})

t.test('old secret bytes are overwritten unless the file has another name', async t => {
  const folder = t.testdir({ identity: 'a secret key', plain: 'a public key', linked: 'a secret key' })
  const after = async (name: string, secret: boolean) => {
    const former = await open(join(folder, name), 'r')
    await replaceFile(join(folder, name), 'new', secret)
    const bytes = await former.readFile('latin1')
    await former.close()
    return bytes
  }
  const overwritten = await after('identity', true)
  t.equal(overwritten.length, 'a secret key'.length, 'the old file keeps its length')
  t.notMatch(overwritten, /secret|key/, 'no word of the old secret is left')
  t.equal(await after('plain', false), 'a public key')
  await link(join(folder, 'linked'), join(folder, 'copy'))
  t.equal(await after('linked', true), 'a secret key')
  t.equal(await readFile(join(folder, 'copy'), 'utf8'), 'a secret key')
})

t.test(
  'a secret is not written to an existing file with a guessed name, and other users lose their access',
  async t => {
    const folder = t.testdir({ identity: 'old', 'identity.new': '' })
    const path = join(folder, 'identity')
    await Promise.all([chmod(path, 0o644), chmod(`${path}.new`, 0o666)])
    const spied = await open(`${path}.new`, 'r')
    await replaceFile(path, 'the new one', true)
    t.notMatch(await spied.readFile('utf8'), /the new one/)
    await spied.close()
    t.equal((await stat(path)).mode & 0o777, 0o640)
  },
)

t.test('a missing file is not made', async t => {
  t.equal(await replaceFile(join(t.testdir({}), 'none'), 'new', true).catch(codeOf), 'store.unwritable')
})
