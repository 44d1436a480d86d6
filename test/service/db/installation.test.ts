// Real: PostgreSQL, folders. Fake: recordings, which are only rows.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { expectedMarking, noteMarked } from '../../../src/db/installation.js'
import { openStore } from '../../../src/vault/store/store.js'
import { MARK_FILE } from '../../../src/vault/volume.js'
import { exactly } from '../../support/assertions/exactly.js'
import { fillArchive } from '../../support/data/archive.js'
import { scratch, testDatabase } from '../../support/processes/database.js'

const ROLES = ['service', 'verb', 'destroyer'] as const

t.test('folders are made before anything is kept; marked folders must exist', async t => {
  const { db } = await testDatabase(t)
  const ways = async () => Promise.all(ROLES.map(async by => (await expectedMarking(db, by)).ifMissing))
  t.strictSame(await ways(), ['make', 'nothing kept yet', 'nothing kept yet'])
  await noteMarked(db)
  t.strictSame(await ways(), ['refuse', 'refuse at use', 'refuse'])
})

t.test('a database with recordings refuses folders without a mark', async t => {
  const { db, server, asService } = await testDatabase(t)
  await fillArchive({ keys: [], store: '' }, server.adminUrl, { count: 1, files: false })
  const [service, ...verbs] = await Promise.all(ROLES.map(by => expectedMarking(db, by)))
  t.match(
    [service, ...verbs],
    exactly({ ifMissing: 'refuse' }, { ifMissing: 'refuse at use' }, { ifMissing: 'refuse' }),
  )
  const store = join(await scratch(t), 'store')
  await mkdir(store)
  await t.rejects(openStore(`file:${store}`, service), {
    code: 'store.unwritable',
    message: /mark it by hand/,
  })
  const { rows } = await asService.query<{ id: string }>('select id from installation')
  await writeFile(join(store, MARK_FILE), `recordings ${rows[0]!.id}\n`)
  t.ok(await openStore(`file:${store}`, service), 'its mark may be written by hand')
})
