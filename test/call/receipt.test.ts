// Real: Asterisk, SIP callers, the service, its keeper and its transparency log, PostgreSQL. Fake: none.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { checkFile } from '../../src/receipts/check-file.js'
import { makeReceipt } from '../../src/receipts/make-receipt.js'
import { type Receipt, renderDocument } from '../../src/receipts/receipt.js'
import { vconOf } from '../../src/receipts/vcon.js'
import { exactly, none } from '../support/assertions/exactly.js'
import { findVconFaults } from '../support/assertions/vcon-rules.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { dialIntoDisclosure, longLine, purpose, shortLine, timelineAfter } from '../support/lab/fault-lab.js'

const notice = { mode: 'notice', disclosure: 'granted' }
const lines = [
  longLine('601'),
  shortLine('602', { purposes: [purpose('service'), purpose('marketing')] }),
  shortLine('603', notice),
  shortLine('604', { waitMs: 1_000 }),
]
const site = await startCallLab(t, { lines, env: { TZ: 'Asia/Yekaterinburg' } })
const data = site.lab.env['CONSENTRY_DATA']!
const log = join(data, 'log')
const { store } = site

/** Dials, presses the first key in the disclosure and each further one in its question, reaches the agent, and hangs up. */
async function receiptOf(number: string, ...keys: string[]): Promise<Receipt> {
  const call = await dialIntoDisclosure(site, number)
  for (const [i, key] of keys.entries()) {
    if (i > 0) await call.waitForQuestion(i)
    await call.caller.press(key)
  }
  await call.waitForAgent()
  await call.caller.hangup()
  const { id, recordings } = await timelineAfter(call, 'call.ended')
  if (recordings.length > 0) await call.waitForEvent('recording.finished')
  return makeReceipt(site.db, id, { log, personal: true })
}

t.test('receipts of real calls verify, and say what happened', async t => {
  const [yes, no, two, stayed, silent] = await Promise.all([
    receiptOf('601', '1'),
    receiptOf('601', '2'),
    receiptOf('602', '1', '2'),
    receiptOf('603'),
    receiptOf('604'),
  ])
  const key = (await readFile(join(log, 'key.pub'), 'utf8')).trim()
  for (const receipt of [yes, no, two, stayed, silent]) {
    t.same(checkFile(Buffer.from(renderDocument(receipt)), [key]).faults, [])
    t.match(receipt.statement, { caller: /^7999/, utcOffset: '+05:00', ended: { local: /\+05:00$/ } })
    t.equal(receipt.statement.disclosures.length, 1, 'one disclosure')
    const vcon = vconOf(receipt, new Date().toISOString())
    t.same(checkFile(Buffer.from(renderDocument(vcon)), [key]).faults, [])
    t.same(findVconFaults(JSON.parse(renderDocument(vcon))), [])
  }
  t.match(yes.statement, {
    decision: 'granted',
    disclosures: exactly({ prompt: 'disclosure-key', version: 2, end: 'key' }),
    answers: exactly({ answer: 'granted', method: 'key', digit: '1', confirmation: { end: 'complete' } }),
  })
  t.ok(
    yes.statement.disclosures[0]!.heardMs < yes.statement.disclosures[0]!.lengthMs,
    'the key ended the disclosure',
  )
  t.match(no.statement, {
    decision: 'refused',
    answers: exactly({ answer: 'refused', digit: '2' }),
    recordings: none,
  })
  t.match(
    two.statement.answers,
    exactly(
      { purpose: 'service', answer: 'granted' },
      { purpose: 'marketing', answer: 'refused', attempt: 1 },
    ),
  )
  t.match(stayed.statement.answers, exactly({ answer: 'notice', method: 'notice' }))
  t.match(silent.statement, {
    decision: 'silent',
    questions: exactly({ attempt: 1, played: { end: 'complete' } }),
  })
  t.same(silent.statement.recordings, [])

  for (const { statement } of [yes, two, stayed]) {
    const [recording, ...more] = statement.recordings
    t.same(more, [])
    t.match(recording, { purpose: 'service', state: 'finished' })
    for (const { object, sha256, bytes } of recording!.parts) {
      const container = await readFile(store.locate(object))
      t.equal(container.length, bytes, 'bytes of the container')
      t.equal(
        createHash('sha256').update(container).digest('hex'),
        sha256,
        'the receipt has the hash of the container',
      )
    }
  }
})
