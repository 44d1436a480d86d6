// Real: cryptography. Fake: the store; containers are in memory.
import { randomBytes } from 'node:crypto'
import t from 'tap'
import {
  type PartToVerify,
  uncoveredBytes,
  verifyPart,
} from '../../../../src/recordings/open/verify-recording.js'
import { createPartSealer } from '../../../../src/vault/crypto/part-sealer.js'
import type { PartInfo } from '../../../../src/vault/crypto/types.js'
import { exactly } from '../../../support/assertions/exactly.js'
import { block, keyPair, partInfo, STARTED, sourceOf } from '../../../unit/vault/fixture.js'

const { recipients, identities } = keyPair()

/** Makes a part with its journalled facts: progress after every block, and its end. */
function journalledPart(change: Partial<PartInfo> = {}) {
  const info = partInfo(change)
  const sealer = createPartSealer(info, recipients)
  const made = [sealer.begin(STARTED)]
  const progress = []
  for (let i = 0; i < 4; i++) {
    made.push(...sealer.seal(block('caller', i * 30_000, randomBytes(30_000))))
    made.push(...sealer.seal(block('agent', i * 30_000, randomBytes(30_000))))
    progress.push(sealer.progress)
  }
  made.push(...sealer.finish())
  const bytes = Buffer.concat(made.flatMap(({ pieces }) => pieces))
  return {
    info,
    bytes,
    progress,
    ended: { ...sealer.progress, complete: true },
    wrappedKey: sealer.wrappedKey,
  }
}

const part = journalledPart()
const { progress, ended, wrappedKey, info } = part

/** Removes key and identities, as on a host that only records. */
const faultsOf = (bytes: Buffer, change: Partial<PartToVerify> = {}) =>
  verifyPart({ name: 'a.ctry', source: sourceOf(bytes), progress, ended, expected: info, ...change })
const keyless = async (bytes = part.bytes, change: Partial<PartToVerify> = {}) =>
  [...new Set((await faultsOf(bytes, change)).map(({ kind }) => kind))].sort()
const keyed = (bytes = part.bytes, change: Partial<PartToVerify> = {}) =>
  keyless(bytes, { wrappedKey, identities, ...change })

t.test('a complete part has no fault, with and without its key', async t => {
  t.strictSame(await keyed(), [])
  t.strictSame(await keyless(), [])
})

t.test('a changed bit is found, with and without the key', async t => {
  for (const at of [20, 200, 40_000, part.bytes.length - 5]) {
    const bytes = Buffer.from(part.bytes)
    bytes[at]! ^= 0x10
    t.ok((await keyless(bytes)).includes('hash-differs'), `byte ${at}, by the hash`)
    const kinds = await keyed(bytes, { progress: [] })
    t.ok(
      kinds.some(kind => kind === 'container-damaged' || kind === 'key-refused'),
      `byte ${at}, by the key`,
    )
  }
})

t.test('a false record head is found by the structure alone', async t => {
  const firstRecord = part.bytes.readUInt16LE(10)
  for (const [field, at] of [
    ['segment', 0],
    ['index', 4],
    ['number', 8],
    ['length', 14],
  ] as const) {
    const bytes = Buffer.from(part.bytes)
    bytes[firstRecord + at]! ^= 4
    const faults = await verifyPart({ name: 'a.ctry', source: sourceOf(bytes), progress: [] })
    t.match(faults, exactly({ kind: 'container-damaged', what: /at byte \d+/ }), field)
  }
})

t.test('a file that was cut later is told from one that a crash cut', async t => {
  const last = progress[2]!
  const cut = part.bytes.subarray(0, last.bytes + 1000)
  const verifyCrash = (bytes: Buffer, keys = {}) =>
    verifyPart({ name: 'a.ctry', source: sourceOf(bytes), progress: progress.slice(0, 3), ...keys })
  t.strictSame(await verifyCrash(cut), [], 'cut by a crash')
  t.strictSame(await verifyCrash(cut, { wrappedKey, identities }), [], 'cut by a crash, with the key')
  t.ok((await keyed(cut)).includes('container-cut'), 'cut later')
  t.ok((await keyless(cut)).includes('container-cut'), 'cut later, seen without the key')
  t.match(
    await verifyCrash(cut.subarray(0, last.bytes - 1)),
    exactly({ kind: 'container-cut' }),
    'below the last progress',
  )
})

t.test('bytes after the last journalled hash are counted until the part has ended', async t => {
  const source = sourceOf(part.bytes)
  const size = part.bytes.length
  t.equal(uncoveredBytes({ name: 'a.ctry', source, progress: [] }), size, 'no hash at all')
  t.equal(uncoveredBytes({ name: 'a.ctry', source, progress }), size - progress[3]!.bytes)
  t.equal(uncoveredBytes({ name: 'a.ctry', source: sourceOf(part.bytes.subarray(0, 100)), progress }), 0)
  t.equal(uncoveredBytes({ name: 'a.ctry', source, progress: [], ended }), 0)
})

t.test('a part that the journal calls complete has no totals', async t => {
  const last = progress[3]!
  const bytes = part.bytes.subarray(0, last.bytes)
  t.strictSame(await keyless(bytes, { ended: { ...last, complete: true } }), ['container-cut'])
  t.strictSame(await keyless(bytes, { ended: { ...last, complete: false } }), [], 'it never said so')
})

t.test('added bytes are found', async t => {
  const longer = Buffer.concat([part.bytes, Buffer.alloc(3)])
  const faults = await faultsOf(longer)
  t.match(faults.at(-1), { kind: 'container-grown', what: /3 bytes/, where: 'a.ctry' })
})

t.test('another part in its place, a wrong header and wrong keys are found', async t => {
  const other = journalledPart()
  t.strictSame(await keyless(other.bytes), ['hash-differs', 'header-differs'])
  t.strictSame(await keyed(part.bytes, { expected: { ...info, line: '101' } }), ['header-differs'])
  t.strictSame(await keyed(part.bytes, { wrappedKey: other.wrappedKey }), ['key-refused'])
  t.strictSame(await keyed(part.bytes, { identities: keyPair().identities }), ['key-missing'])
})
