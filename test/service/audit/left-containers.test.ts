// Real: PostgreSQL, journal, disk, sealed recordings, the audit. Containers are shortened and dated to look as a killed
// service leaves them.
import { readFile, utimes, writeFile } from 'node:fs/promises'
import t from 'tap'
import { auditStore } from '../../../src/audit/audit-store.js'
import { newPartId } from '../../../src/shared/ids.js'
import { readHeader } from '../../../src/vault/crypto/part-opener.js'
import { storeRecording } from '../../support/data/stored-recording.js'
import { startArchiveSetup } from '../../support/processes/archive-setup.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const home = await startArchiveSetup(t)
const { deps, recipients } = home

t.test('a container without audio is no fault until the sweep should have removed it', async t => {
  const { path, object, part } = await storeRecording(home)
  const bytes = await readFile(path)
  const source = await deps.store.open(object)
  const { length } = await readHeader(source)
  await source.close()
  const leave = async (size: number, age: number) => {
    const stranger = newPartId()
    const left = path.replace(part, stranger)
    await writeFile(left, bytes.subarray(0, size))
    const at = (Date.now() - age) / 1_000
    await utimes(left, at, at)
    return object.replace(part, stranger)
  }
  const kept = [0, length].flatMap(size => [HOUR, DAY].map(age => leave(size, age)))
  const orphans = [
    ...[0, length].map(size => leave(size, 3 * DAY)),
    ...[length - 1, length + 1, bytes.length].map(size => leave(size, HOUR)),
  ]
  await Promise.all(kept)
  const { faults } = await auditStore({ ...deps, recipients })
  const found = faults.filter(({ kind }) => kind === 'object-orphan').map(({ where }) => where)
  t.strictSame(found.sort(), (await Promise.all(orphans)).sort())
})
