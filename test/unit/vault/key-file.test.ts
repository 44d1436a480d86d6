// Real: the cryptography. Fake: the storage; containers and key files are in memory.
// The attacker has a data key. The format must detect that attacker too.
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { segmentKey, streamKey } from '../../../src/vault/crypto/derive.js'
import { unwrapKey, wrapKey } from '../../../src/vault/crypto/key-file.js'
import { SealStream } from '../../../src/vault/crypto/part-sealer.js'
import { encodeHead, encodeTotals, TOTALS_SEGMENT, type Totals } from '../../../src/vault/crypto/record.js'
import { TAG_FINAL } from '../../../src/vault/crypto/stream-format.js'
import { block, keyPair, partInfo, release, sealPart } from './fixture.js'

const { recipients, identities } = keyPair()

t.test('a key sealed for another part is refused, even if it is the right key', async t => {
  const info = partInfo()
  const dataKey = randomBytes(32)
  t.ok(unwrapKey(wrapKey(dataKey, info.part, recipients), info, identities).equals(dataKey))
  const elsewhere = wrapKey(dataKey, partInfo().part, recipients)
  t.throws(() => unwrapKey(elsewhere, info, identities), { code: 'key.refused' })
})

t.test('false totals are refused even if they are authentic', async t => {
  const sealed = sealPart(partInfo(), recipients, [
    block('caller', 0, randomBytes(100)),
    block('agent', 79_000, randomBytes(2000)),
  ])
  const dataKey = unwrapKey(sealed.wrappedKey, sealed.info, identities)
  const key = streamKey(dataKey, sealed.header.subarray(0, -32))

  const withTotals = (records: Buffer[], totals: Totals) => {
    const stream = new SealStream(segmentKey(key, TOTALS_SEGMENT))
    const head = encodeHead({ segment: TOTALS_SEGMENT, index: 0, number: records.length, length: 65 })
    const body = stream.push([encodeTotals(totals)], head, TAG_FINAL)
    return Buffer.concat([sealed.header, ...records, head, stream.header, ...body])
  }
  const opened = (bytes: Buffer) => release(bytes, sealed.wrappedKey, identities)
  const records = sealed.records.slice(0, -1)
  const trueTotals = { records: records.length, segments: 2, caller: 100, agent: 81_000 }

  t.ok((await opened(withTotals(records, trueTotals))).complete, 'true totals are accepted')
  for (const lie of [{ records: 4 }, { segments: 1 }, { caller: 101 }, { agent: 100 }]) {
    const { complete, refused } = await opened(withTotals(records, { ...trueTotals, ...lie }))
    t.strictSame([complete, refused], [false, 'container.invalid'], JSON.stringify(lie))
  }
  const unended = records.slice(0, -1)
  const { refused } = await opened(withTotals(unended, { ...trueTotals, records: unended.length }))
  t.equal(refused, 'container.invalid', 'a segment that has not ended')
})
