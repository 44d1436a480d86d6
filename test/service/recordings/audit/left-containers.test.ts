// Real: PostgreSQL, journal, disk, sealed recordings, the audit, the verification. Fake: the length and the age of some containers.
// They look like containers that a killed service has left.
import { readFile, utimes, writeFile } from 'node:fs/promises'
import t from 'tap'
import { newPartId } from '../../../../src/core/ids.js'
import { auditStore } from '../../../../src/recordings/audit/audit-store.js'
import type { AuditFault } from '../../../../src/recordings/audit/faults.js'
import { verifyRecordings } from '../../../../src/recordings/audit/verify-recordings.js'
import { readHeader } from '../../../../src/vault/crypto/part-opener.js'
import { storeRecording } from '../../../support/data/stored-recording.js'
import { startArchiveSetup } from '../../../support/processes/archive-setup.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const home = await startArchiveSetup(t)
const { deps, recipients } = home

t.test(
  'audit and verify take a container without audio for no fault until the sweep should have removed it',
  async t => {
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
    // Of a running call, whose part is journalled with its first audio.
    await Promise.all([...kept, leave(bytes.length, MINUTE)])
    const expected = (await Promise.all(orphans)).sort()
    const found = (faults: AuditFault[], wanted: string) =>
      faults
        .filter(({ kind }) => kind === wanted)
        .map(({ where }) => where)
        .sort()
    t.strictSame(found((await auditStore({ ...deps, recipients })).faults, 'object-orphan'), expected)
    t.strictSame(found((await verifyRecordings(deps)).faults, 'object-unjournalled'), expected)
  },
)
