// Real: folders on disk. Fake: none.
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeFolders } from '../../../../src/lib/files/make-folders.js'

const dir = t.testdir()

t.test('missing folders are made, and the topmost is returned', async t => {
  const top = join(dir, 'top')
  t.equal(await makeFolders(join(top, 'a', 'b'), 0o700), top)
  for (const path of [top, join(top, 'a'), join(top, 'a', 'b')])
    t.equal(statSync(path).mode & 0o7777, 0o700, path)
  t.equal(await makeFolders(join(top, 'a', 'b'), 0o755), undefined)
  t.equal(statSync(join(top, 'a', 'b')).mode & 0o7777, 0o700, 'a folder that exists keeps its mode')
  t.equal(await makeFolders(join(top, 'a', 'c')), join(top, 'a', 'c'))
})

t.test('several callers can make the same folder at the same time', async t => {
  await Promise.all(Array.from({ length: 20 }, () => makeFolders(join(dir, 'c', 'd', 'e'))))
  t.ok(statSync(join(dir, 'c', 'd', 'e')).isDirectory())
})

t.test('a file in place of a folder is an error', async t => {
  const file = join(dir, 'file')
  writeFileSync(file, '')
  await t.rejects(makeFolders(file), { code: 'EEXIST' })
  await t.rejects(makeFolders(join(file, 'below')), { code: 'ENOTDIR' })
})

t.test('a folder that cannot be made is an error, without endless retries', async t => {
  await t.rejects(makeFolders('/proc/consentry'), { code: 'ENOENT' })
  await t.rejects(makeFolders('/proc/consentry/data/keys'), { code: 'ENOENT' })
})
