// Real: the cryptography. Fake: the storage; containers are in memory.
// Every test checks two properties. A changed container is never reported complete. All audio that it yields is a prefix of the sealed audio.
import fc from 'fast-check'
import t from 'tap'
import { encodeHead } from '../../../src/vault/crypto/record.js'
import {
  describe,
  isPrefix,
  keyPair,
  partInfo,
  release,
  type SealedPart,
  SMALL_TALK_PIECES,
  sealPart,
  smallTalk,
} from './fixture.js'

const { recipients, identities } = keyPair()
const info = partInfo()
const sealed = sealPart(info, recipients, smallTalk())
const original = describe((await release(sealed.bytes, sealed.wrappedKey, identities)).blocks)

/** What a changed container yields, and whether that is a prefix of the sealed audio. */
const judge = async (bytes: Buffer, wrappedKey = sealed.wrappedKey) => {
  const released = await release(bytes, wrappedKey, identities)
  return { ...released, authentic: isPrefix(released.blocks, original) }
}

const assemble = (records: Buffer[], header = sealed.header) => Buffer.concat([header, ...records])

/** Renumbers the records as a careful forger would. */
function renumbered(records: Buffer[]): Buffer[] {
  const next = new Map<number, number>()
  return records.map((record, number) => {
    const segment = record.readUInt32LE(0)
    const index = next.get(segment) ?? 0
    next.set(segment, index + 1)
    return Buffer.concat([
      encodeHead({ segment, index, number, length: record.length - 16 }),
      record.subarray(16),
    ])
  })
}

t.test('the unchanged container is complete and yields all audio', async t => {
  const { complete, authentic } = await judge(sealed.bytes)
  t.ok(complete && authentic)
  t.equal(original.length, SMALL_TALK_PIECES)
})

t.test(
  'a container that is cut anywhere is readable up to its last whole record, and incomplete',
  async t => {
    const faults: string[] = []
    const ends = sealed.records.map((_, i) => assemble(sealed.records.slice(0, i + 1)).length)
    for (let length = 0; length < sealed.bytes.length; length++) {
      const { authentic, complete, refused, blocks } = await judge(sealed.bytes.subarray(0, length))
      const whole = ends.filter(end => end <= length).length
      const expected = await release(assemble(sealed.records.slice(0, whole)), sealed.wrappedKey, identities)
      const inHeader = length < sealed.header.length
      if (!authentic || complete || refused !== (inHeader ? 'container.invalid' : undefined))
        faults.push(`cut at ${length}: ${JSON.stringify({ authentic, complete, refused })}`)
      if (!inHeader && blocks.length !== expected.blocks.length)
        faults.push(`cut at ${length}: whole records are lost`)
    }
    t.ok(sealed.bytes.length > 500, `${sealed.bytes.length} lengths`)
    t.strictSame(faults, [])
  },
)

t.test('a container with a flipped bit is never complete, and yields no false audio', async t => {
  const faults: string[] = []
  for (let bit = 0; bit < sealed.bytes.length * 8; bit++) {
    const bytes = Buffer.from(sealed.bytes)
    bytes[bit >> 3]! ^= 1 << (bit & 7)
    const { authentic, complete } = await judge(bytes)
    if (!authentic || complete) faults.push(`bit ${bit}: ${JSON.stringify({ authentic, complete })}`)
  }
  t.strictSame(faults, [])
})

t.test('a sealed key with a changed byte is refused before anything is decrypted', async t => {
  const faults: string[] = []
  const file = JSON.parse(sealed.wrappedKey.toString())
  const key = Buffer.from(file.keys[0].sealed, 'base64')
  for (let at = 0; at < key.length; at++) {
    const changed = Buffer.from(key)
    changed[at]! ^= 0x40
    file.keys[0].sealed = changed.toString('base64')
    const { blocks, refused } = await judge(sealed.bytes, Buffer.from(JSON.stringify(file)))
    if (refused !== 'key.refused' || blocks.length > 0) faults.push(`byte ${at}: ${refused}`)
  }
  t.ok(key.length > 40, `${key.length} bytes`)
  t.strictSame(faults, [])
  for (const wrapped of [
    '',
    'null',
    '[]',
    '{"consentryKey":2,"keys":[]}',
    '{"consentryKey":1,"keys":[null]}',
  ])
    t.equal((await judge(sealed.bytes, Buffer.from(wrapped))).refused, 'key.refused', `key file ${wrapped}`)
})

t.test('removed, repeated, swapped or moved records are refused, also if they are renumbered', async t => {
  const faults: string[] = []
  const refuse = async (name: string, records: Buffer[]) => {
    for (const forged of [records, renumbered(records)]) {
      const { authentic, complete, refused } = await judge(assemble(forged))
      // A file without its last record is only truncated.
      if (!authentic || complete || (refused === undefined && name !== 'without the totals'))
        faults.push(`${name}: ${JSON.stringify({ authentic, complete, refused })}`)
    }
  }
  const all = sealed.records
  for (const [i, record] of all.entries()) {
    const isLast = i === all.length - 1
    await refuse(isLast ? 'without the totals' : `without ${i}`, all.toSpliced(i, 1))
    await refuse(`${i} twice`, all.toSpliced(i, 0, record))
    for (let k = 0; k < all.length; k++) {
      if (k === i) continue
      await refuse(`${i} moved to ${k}`, all.toSpliced(i, 1).toSpliced(k, 0, record))
      await refuse(`${i} and ${k} swapped`, all.with(i, all[k]!).with(k, record))
    }
  }
  t.ok(all.length > 5, `${all.length} records`)
  t.strictSame(faults, [])
})

t.test('a removed segment is detected, with and without the totals', async t => {
  const rest = sealed.records.filter(record => record.readUInt32LE(0) !== 0)
  t.ok(rest.length > 1 && rest.length < sealed.records.length, 'a segment was removed, and another is left')
  for (const records of [rest, renumbered(rest), rest.slice(0, -1), renumbered(rest).slice(0, -1)]) {
    const { authentic, refused } = await judge(assemble(records))
    t.equal(refused, 'container.invalid')
    t.ok(authentic)
  }
})

t.test('a container with bytes after the totals is never complete', async t => {
  const longer = await judge(Buffer.concat([sealed.bytes, Buffer.alloc(1)]))
  t.strictSame([longer.refused, longer.complete, longer.authentic], ['container.invalid', false, true])
})

t.test('a container with records of another part or recording is refused', async t => {
  const faults: string[] = []
  const others: [string, SealedPart][] = [
    ['part', sealPart(partInfo({ ...info, part: partInfo().part, number: 2 }), recipients, smallTalk())],
    ['recording', sealPart(partInfo(), recipients, smallTalk())],
    ['sealing of the same part', sealPart(info, recipients, smallTalk())],
  ]
  for (const [name, other] of others) {
    for (let i = 0; i < sealed.records.length; i++) {
      const { refused, authentic } = await judge(assemble(sealed.records.with(i, other.records[i]!)))
      if (refused !== 'container.invalid' || !authentic)
        faults.push(`record ${i} of another ${name}: ${refused}`)
      const grafted = [...sealed.records.slice(0, i), ...other.records.slice(i)]
      const tail = await judge(assemble(grafted))
      if (i > 0 && (tail.complete || !tail.authentic)) faults.push(`tail of another ${name} from ${i}`)
    }
    t.equal(
      (await judge(assemble(sealed.records, other.header))).refused,
      'key.refused',
      `header of another ${name}`,
    )
    t.equal((await judge(assemble(other.records))).refused, 'container.invalid', `records of another ${name}`)
    t.equal((await judge(sealed.bytes, other.wrappedKey)).refused, 'key.refused', `key of another ${name}`)
  }
  t.strictSame(faults, [])
})

t.test('a wrong identity opens nothing, also if it has the right key id', async t => {
  const stranger = keyPair().identities
  t.equal((await release(sealed.bytes, sealed.wrappedKey, stranger)).refused, 'key.missing')
  t.equal((await release(sealed.bytes, sealed.wrappedKey, [])).refused, 'key.missing')
  const impostor = [{ ...stranger[0]!, keyId: identities[0]!.keyId }]
  t.equal((await release(sealed.bytes, sealed.wrappedKey, impostor)).refused, 'key.refused')
})

t.test('arbitrary bytes are refused without a crash', async t => {
  const garbage = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.uint8Array({ maxLength: 400 }).map(tail => Buffer.concat([sealed.header, tail])),
  )
  await t.resolves(
    fc.assert(
      fc.asyncProperty(garbage, async bytes => {
        const { complete, blocks } = await judge(Buffer.from(bytes))
        return !complete && blocks.length === 0
      }),
      { numRuns: 300 },
    ),
  )
})
