// Real: leaves, proofs, signatures and the check. Fake: the database; the log is in memory.
// The holder of the log's key and of a witness's key writes another history of one call.
import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { DAY_MS } from '../../../src/core/clock.js'
import type { CallEvent } from '../../../src/core/events.js'
import { COSIGNATURE, verifierKey } from '../../../src/log/notes/note.js'
import { checkFile } from '../../../src/receipts/check-file.js'
import { type Receipt, renderDocument } from '../../../src/receipts/receipt.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { refusedCall } from '../../support/data/whole-calls.js'
import { memoryLog, newSigners } from '../../support/fakes/memory-log.js'

const signers = newSigners()
const { events } = refusedCall()
const log = memoryLog(events, undefined, signers)
/** The caller said yes, a hundred days earlier. */
const changed = events.map((event): CallEvent => {
  const data = JSON.parse(JSON.stringify(event.data).replaceAll('"refused"', '"granted"'))
  return { ...event, at: event.at - 100 * DAY_MS, data }
})
const forged = memoryLog(changed, undefined, signers).receipt(changed)
const check = (receipt: Receipt, keys: string[]) => checkFile(Buffer.from(renderDocument(receipt)), keys)

t.test('a receipt that both keys forged holds, with any answer and any times', async t => {
  matchEach(t, log.receipt(events).statement.answers, [{ answer: 'refused' }])
  matchEach(t, forged.statement.answers, [{ answer: 'granted' }])
  t.strictSame(check(forged, [log.key, log.witness]).faults, [])
})

t.test(
  'a receipt that both keys forged has no verdict where the key of a second witness is given',
  async t => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const second = verifierKey('second.example', publicKey, COSIGNATURE)
    matchEach(t, check(forged, [log.key, log.witness, second]).faults, [
      { kind: 'receipt-unwitnessed', what: /second\.example, whose key was given, has not cosigned it/ },
    ])
  },
)
