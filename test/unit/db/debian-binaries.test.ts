// Real: the search for Debian's PostgreSQL. Fake: the folders of its packages and of a cluster.
import { join } from 'node:path'
import t from 'tap'
import { findDebianBinaries } from '../../../src/db/embedded/binaries.js'

const bin = () => ({ initdb: '', postgres: '' })

t.test('a new cluster is made by the newest version, and an old one is run by its own', async t => {
  const dir = t.testdir({
    postgresql: { 15: { bin: bin() }, 17: { bin: bin() }, 18: { bin: bin() }, 19: { bin: { initdb: '' } } },
    cluster: { PG_VERSION: '17\n' },
    older: { PG_VERSION: '16\n' },
  })
  const folder = join(dir, 'postgresql')
  const found = (cluster?: string) => findDebianBinaries(cluster && join(dir, cluster), folder)
  t.strictSame(found(), {
    initdb: join(folder, '18', 'bin', 'initdb'),
    postgres: join(folder, '18', 'bin', 'postgres'),
  })
  t.equal(found('cluster')?.postgres, join(folder, '17', 'bin', 'postgres'))
  t.equal(found('not-there')?.postgres, join(folder, '18', 'bin', 'postgres'))
  t.equal(found('older'), undefined)
})

t.test('a version that is too old makes no cluster', async t => {
  const dir = t.testdir({ 15: { bin: bin() } })
  t.equal(findDebianBinaries(undefined, dir), undefined)
  t.equal(findDebianBinaries(undefined, join(dir, 'not-there')), undefined)
})
