// Real: leaves, proofs, signatures, both checks. Fake: the database; the log is in memory.
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { checkFile } from '../../../src/receipt/check-file.js'
import { checkExtract } from '../../../src/receipt/extract/check-extract.js'
import { eventLine, headLines, LAST_LINE } from '../../../src/receipt/extract/extract.js'
import { renderDocument } from '../../../src/receipt/receipt.js'
import { vconOf } from '../../../src/receipt/vcon.js'
import { COSIGNATURE, cosign, parseVerifier, verifierKey, verifies } from '../../../src/tlog/notes/note.js'
import { grantedCall } from '../../support/data/whole-calls.js'
import { memoryLog } from '../../support/fakes/memory-log.js'
import { hostileValue } from '../../support/fuzz/hostile-values.js'
import { mutate, mutations, replaceInJson } from '../../support/fuzz/mutations.js'
import { fuzzRuns } from '../../support/fuzz/seeded.js'

const call = grantedCall()
const log = memoryLog(call.events)
const keys = [log.key, log.witness]
const receipt = log.receipt(call.events)
const vcon = vconOf(receipt, '2026-02-01T08:00:00.000Z')
const extract = [
  ...headLines(receipt.statement, receipt),
  receipt.events.map(eventLine).join(',\n'),
  LAST_LINE,
  '',
].join('\n')
const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })

t.test('a receipt with any change does not verify, and never throws', async t => {
  for (const document of [receipt, vcon]) {
    const text = renderDocument(document)
    const changed = fc.oneof(
      mutations.map(changes => mutate(Buffer.from(text), changes)),
      fc.tuple(place, hostileValue).map(([at, value]) => Buffer.from(replaceInJson(document, at, value))),
    )
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(
          changed,
          bytes => checkFile(bytes, keys).faults.length > 0 || bytes.equals(Buffer.from(text)),
        ),
        fuzzRuns(300, 10_000),
      ),
    )
  }
})

async function* inPieces(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000)
}

t.test('an extract with any change does not verify, and never throws', async t => {
  const changed = mutations.map(changes => mutate(Buffer.from(extract), changes))
  await fc.assert(
    fc.asyncProperty(changed, async bytes => (await checkExtract(inPieces(bytes), keys)).faults.length > 0),
    fuzzRuns(300, 10_000),
  )
  t.pass()
})

t.test('documents of any depth are malformed', async t => {
  let inside = '0'
  for (let i = 0; i < 100; i++) inside = `{"a":${inside}}`
  for (const value of ['['.repeat(100_000) + ']'.repeat(100_000), inside]) {
    const said = `{"statement":${value},"events":[]}`
    t.match(checkFile(Buffer.from(said), keys).faults, [{ kind: 'receipt-malformed' }])
    const lines = extract.split('\n')
    lines[1] = `"statement":{"a":${value}},`
    t.match((await checkExtract(inPieces(Buffer.from(lines.join('\n'))), keys)).faults, [
      { kind: 'extract-malformed', where: 'line 2' },
    ])
  }
})

t.test('a cosignature with an impossible time is not valid', async t => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const key = verifierKey('witness.example', createPublicKey(privateKey), COSIGNATURE)
  const text = 'test.example\n1\nAAAA\n'
  const at = (ms: number) => {
    const line = cosign(text, 'witness.example', privateKey, ms).trimEnd()
    const bytes = Buffer.from(line.split(' ')[2]!, 'base64').subarray(4)
    const { name, id } = parseVerifier(key)!
    return verifies({ text, signatures: [{ name, id, bytes, line }] }, parseVerifier(key)!)
  }
  t.equal(at(Date.UTC(2026, 0)), true)
  t.equal(at(8.64e15 + 1_000), false)
})
