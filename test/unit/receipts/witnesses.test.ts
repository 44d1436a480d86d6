// Real: leaves, proofs, signatures and the check. Fake: the database; the log is in memory.
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { DAY_MS } from '../../../src/core/clock.js'
import { COSIGNATURE, cosign, parseNote, verifierKey } from '../../../src/log/notes/note.js'
import { checkFile } from '../../../src/receipts/check-file.js'
import { checkWitnesses } from '../../../src/receipts/check-witnesses.js'
import { type Receipt, renderDocument } from '../../../src/receipts/receipt.js'
import { selectSignatures } from '../../../src/receipts/signed-checkpoint.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { grantedCall } from '../../support/data/whole-calls.js'
import { memoryLog } from '../../support/fakes/memory-log.js'

const call = grantedCall()
const times = call.events.map(({ at }) => at)
const log = memoryLog(call.events)
const keys = [log.key, log.witness]
const check = (receipt: Receipt, trusted = keys) => checkFile(Buffer.from(renderDocument(receipt)), trusted)

/** The receipt without the cosignatures, as the holder of the log's key can make it for any events. */
function stripped(receipt: Receipt): Receipt {
  const copy = structuredClone(receipt!)
  for (const signed of [copy, copy.entered!.covering]) {
    const { text, signatures } = parseNote(signed.checkpoint)!
    Object.assign(signed, { checkpoint: `${text}\n${signatures[0]!.line}\n`, witnesses: [] })
  }
  return copy
}

t.test('a receipt says when witnesses saw its answers', async t => {
  const { faults, entered } = check(log.receipt(call.events))
  t.strictSame(faults, [])
  t.strictSame(entered, { after: [], by: [{ name: 'witness.example', at: log.cosignedAt, known: true }] })
})

t.test(
  "a receipt that only the log's key signed has no verdict where the witness's key is given",
  async t => {
    const forged = stripped(log.receipt(call.events))
    t.strictSame(check(forged, [log.key]).faults, [])
    matchEach(t, check(forged).faults, [
      { kind: 'receipt-unwitnessed', what: /witness\.example, whose key was given, has not cosigned it/ },
    ])
  },
)

t.test("an impostor of the witness's name is no witness", async t => {
  const secret = generateKeyPairSync('ed25519').privateKey
  const impostor = verifierKey('witness.example', createPublicKey(secret), COSIGNATURE)
  const forged = stripped(log.receipt(call.events))
  for (const signed of [forged, forged.entered!.covering]) {
    const { text } = parseNote(signed.checkpoint)!
    signed.checkpoint += cosign(text, 'witness.example', secret, times.at(-1)!)
    signed.witnesses = [impostor]
  }
  const found = check(forged, [log.key])
  t.strictSame(found.faults, [])
  matchEach(t, found.witnessed, [{ known: false }])
  matchEach(t, check(forged).faults, [{ kind: 'receipt-unwitnessed' }])
})

t.test('answers that the witness saw only sixty days later have no verdict', async t => {
  const late = memoryLog(call.events, times.at(-1)! + 60 * DAY_MS)
  const receipt = late.receipt(call.events)
  t.strictSame(check(receipt, [late.key]).faults, [], 'without the witness the log is believed')
  matchEach(t, check(receipt, [late.key, late.witness]).faults, [
    { kind: 'receipt-unwitnessed', what: /more than a day after its event of 2026-01-31/ },
  ])
})

t.test('of several events the first one bounds how late the witness may cosign', async t => {
  const [first, last] = [times[0]!, times[0]! + DAY_MS + 3_600_000]
  const late = memoryLog(call.events, last)
  const found = (events: readonly number[]) =>
    checkWitnesses(
      late.receipt(call.events)!,
      [late.witness],
      events.map(at => new Date(at).toISOString()),
      'checkpoint',
    )
  t.strictSame(found([last]), [])
  matchEach(t, found([first, last]), [{ kind: 'unwitnessed', what: /more than a day after its event/ }])
})

t.test('a cosignature from before the events is none of them', async t => {
  const early = memoryLog(call.events, times[0]! - DAY_MS)
  matchEach(t, check(early.receipt(call.events), [early.key, early.witness]).faults, [
    { kind: 'receipt-unwitnessed', what: /before its event/ },
  ])
})

t.test('a checkpoint of another history, or of the wrong place, does not bound the events', async t => {
  const [receipt, elsewhere] = [log, memoryLog(call.events)].map(one => one.receipt(call.events))
  const foreign = structuredClone(receipt!)
  foreign.entered!.covering = elsewhere!.entered!.covering
  matchEach(t, check(foreign).faults, [{ kind: 'receipt-unsigned', where: 'entered.covering.checkpoint' }])
  const swapped = structuredClone(receipt!)
  swapped.entered!.before = swapped.entered!.covering
  matchEach(t, check(swapped).faults, [{ what: /already covers the first event/, where: 'entered.before' }])
})

t.test(
  'of two cosignatures of one witness the earlier counts, and one of a stranger is not dropped',
  async t => {
    const secret = generateKeyPairSync('ed25519').privateKey
    const witness = verifierKey('w.example', createPublicKey(secret), COSIGNATURE)
    const { text, signatures } = parseNote(stripped(log.receipt(call.events)).checkpoint)!
    const twice = [2_000, 1_000].map(at => cosign(text, 'w.example', secret, at))
    const checkpoint = `${text}\n${signatures[0]!.line}\n${twice.join('')}`
    const chosen = selectSignatures({ key: log.key, checkpoint }, [witness])
    t.equal(chosen.checkpoint, `${text}\n${signatures[0]!.line}\n${twice[1]}`)
    t.throws(() => selectSignatures({ key: log.key, checkpoint }, []), { code: 'config.invalid' })
  },
)
