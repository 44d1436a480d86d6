// Real: the links. Fake: a folder stands for the package of PostgreSQL, with its list of links.
import { readlink } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { linkLibraries } from '../../../src/db/embedded/binaries.js'

const LIST = JSON.stringify([
  { source: 'native/lib/libpq.so.5.17', target: 'native/lib/libpq.so' },
  { source: 'native/lib/libpq.so.5.17', target: 'native/lib/libpq.so.5' },
])

t.test('libraries are linked as the package lists them, and a second time changes nothing', async t => {
  const dir = t.testdir({ native: { 'pg-symlinks.json': LIST, lib: { 'libpq.so.5.17': '' } } })
  for (const _ of ['first', 'second']) {
    linkLibraries(dir)
    for (const name of ['libpq.so', 'libpq.so.5'])
      t.equal(await readlink(join(dir, 'native', 'lib', name)), 'libpq.so.5.17')
  }
})

t.test('a package without a list needs no links', async t => {
  t.doesNotThrow(() => linkLibraries(t.testdir({})))
})

t.test('a folder that cannot be written is named', async t => {
  // Root may write anywhere, but not into a folder that is not there.
  const dir = t.testdir({ native: { 'pg-symlinks.json': LIST } })
  t.throws(() => linkLibraries(dir), { code: 'tool.missing', message: /native\/lib cannot be written/ })
})
