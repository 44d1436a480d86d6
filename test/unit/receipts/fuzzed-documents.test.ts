// Real: leaves, proofs, signatures and both checks. Fake: the database; the log is in memory.
// Long: five times as many documents.
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { event } from '../../../src/core/events.js'
import { newActId, newPartId, newRecordingId } from '../../../src/core/ids.js'
import { COSIGNATURE, cosign, parseVerifier, verifierKey, verifies } from '../../../src/log/notes/note.js'
import { checkFile } from '../../../src/receipts/check-file.js'
import { checkExtract } from '../../../src/receipts/extract/check-extract.js'
import { type ExtractEvent, eventLine, headLines, LAST_LINE } from '../../../src/receipts/extract/extract.js'
import { renderDocument } from '../../../src/receipts/receipt.js'
import { vconOf } from '../../../src/receipts/vcon.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { grantedCall } from '../../support/data/whole-calls.js'
import { memoryLog } from '../../support/fakes/memory-log.js'
import { hostileValue } from '../../support/fuzz/hostile-values.js'
import { mutate, mutations, replaceInJson } from '../../support/fuzz/mutations.js'
import { position } from '../../support/fuzz/position.js'
import { fuzzRuns } from '../../support/fuzz/seeded.js'

const call = grantedCall()
const act = newActId()
const CLOSED = Date.UTC(2026, 0, 31, 12)
/** The events of an act that destroyed two recordings, and its statement. */
const destroyed = [newRecordingId(), newRecordingId()].map(recording =>
  event('recording.destroyed', call.call, CLOSED - 1_000, {
    recording,
    purpose: 'service',
    act,
    cause: 'term',
    parts: [newPartId()],
  }),
)
const facts = { act, number: 7, cause: 'term' as const, reason: 'The term is over.', by: 'schedule' }
const openedAt = '2026-01-31T11:59:00.000Z'
const closing = event('act.closed', null, CLOSED, {
  ...facts,
  openedAt,
  recordings: destroyed.length,
  keepUntil: '2029-02-20',
})
const statement = {
  ...facts,
  opened: openedAt,
  closed: new Date(CLOSED).toISOString(),
  recordings: destroyed.length,
  keepUntil: '2029-02-20',
}
const log = memoryLog([...call.events, ...destroyed, closing])
const keys = [log.key, log.witness]
const receipt = log.receipt(call.events)
/** The events of the act with their proofs. */
const provenActEvents: ExtractEvent[] = JSON.parse(log.extract([...destroyed, closing])).events
const vcon = vconOf(receipt, '2026-02-01T08:00:00.000Z')
const parts = { statement, signed: receipt, events: provenActEvents }
/** The text of an extract. */
const render = ({ statement, signed, events }: typeof parts): string =>
  [...headLines(statement, signed, []), events.map(eventLine).join(',\n'), LAST_LINE, ''].join('\n')
const extract = render(parts)

t.test('a changed receipt does not verify, and its check never throws', async t => {
  for (const document of [receipt, vcon]) {
    const text = renderDocument(document)
    t.strictSame(checkFile(Buffer.from(text), keys).faults, [], 'it verifies unchanged')
    const changed = fc.oneof(
      mutations.map(changes => mutate(Buffer.from(text), changes)),
      fc.tuple(position, hostileValue).map(([at, value]) => Buffer.from(replaceInJson(document, at, value))),
    )
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(
          changed,
          bytes => checkFile(bytes, keys).faults.length > 0 || bytes.equals(Buffer.from(text)),
        ),
        fuzzRuns(300, 1_500),
      ),
    )
  }
})

async function* inPieces(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000)
}

t.test('a changed extract does not verify, and its check never throws', async t => {
  t.strictSame((await checkExtract(inPieces(Buffer.from(extract)), keys)).faults, [], 'it verifies unchanged')
  const changed = mutations.map(changes => mutate(Buffer.from(extract), changes))
  await t.resolves(
    fc.assert(
      fc.asyncProperty(
        changed,
        async bytes =>
          (await checkExtract(inPieces(bytes), keys)).faults.length > 0 || bytes.equals(Buffer.from(extract)),
      ),
      fuzzRuns(300, 1_500),
    ),
  )
})

t.test('every changed value of an extract is reported', async t => {
  const unreported: string[] = []
  let values = 0
  const change = async (holder: Record<string, unknown>, path: string): Promise<void> => {
    for (const [name, value] of Object.entries(holder)) {
      if (typeof value === 'object' && value !== null) {
        await change(value as Record<string, unknown>, `${path}.${name}`)
        continue
      }
      holder[name] = typeof value === 'number' ? value + 1 : `${value}1`
      const { faults } = await checkExtract(inPieces(Buffer.from(render(copy))), keys)
      if (faults.length === 0) unreported.push(`${path}.${name}`)
      holder[name] = value
      values += 1
    }
  }
  const { checkpoint, key, witnesses } = receipt
  const copy = structuredClone({ ...parts, signed: { checkpoint, key, witnesses } }) as typeof parts
  await change(copy as unknown as Record<string, unknown>, 'extract')
  t.strictSame(unreported, [])
  t.ok(values > 20, `${values} values`)
})

t.test('an extract ends with its last line', async t => {
  const last = extract.split('\n').length
  for (const more of ['x', '\n', 'x\n', Buffer.of(0xff, 10)]) {
    const longer = Buffer.concat([Buffer.from(extract), Buffer.from(more)])
    matchEach(t, (await checkExtract(inPieces(longer), keys)).faults, [
      { kind: 'extract-malformed', where: `line ${last}` },
    ])
  }
})

t.test('deeply nested documents are malformed', async t => {
  let inside = '0'
  for (let i = 0; i < 100; i++) inside = `{"a":${inside}}`
  for (const value of ['['.repeat(100_000) + ']'.repeat(100_000), inside]) {
    const document = `{"statement":${value},"events":[]}`
    matchEach(t, checkFile(Buffer.from(document), keys).faults, [{ kind: 'receipt-malformed' }])
    const lines = extract.split('\n')
    lines[1] = `"statement":{"a":${value}},`
    matchEach(t, (await checkExtract(inPieces(Buffer.from(lines.join('\n'))), keys)).faults, [
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
