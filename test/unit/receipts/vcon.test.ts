// Real: receipts and vCons of them. Fake: the log is in memory.
import { hash } from 'node:crypto'
import t from 'tap'
import type { CallEvent, EventData } from '../../../src/core/events.js'
import { checkFile } from '../../../src/receipts/check-file.js'
import { type Receipt, renderDocument } from '../../../src/receipts/receipt.js'
import { vconOf } from '../../../src/receipts/vcon.js'
import { findVconFaults } from '../../support/assertions/vcon-rules.js'
import { STARTED } from '../../support/data/call-events.js'
import { CallScript, grantedCall, refusedCall } from '../../support/data/whole-calls.js'
import { memoryLog } from '../../support/fakes/memory-log.js'

const MADE = '2026-02-01T08:00:00.000Z'

interface Piece {
  type: string
  start: string
  duration?: number
  parties: unknown
  content_hash?: string[]
  disposition?: string
  party_history?: { event: string }[]
}
const dialogOf = (receipt: Receipt): Piece[] => {
  const vcon = JSON.parse(renderDocument(vconOf(receipt, MADE)))
  t.strictSame(findVconFaults(vcon), [])
  return vcon.dialog
}
const receiptOf = (events: readonly CallEvent[]) => {
  const log = memoryLog(events)
  return { receipt: log.receipt(events), keys: [log.key] }
}
const heard = (receipt: Receipt) => dialogOf(receipt).filter(({ type }) => type === 'recording')

/** A call with two parts, with the times of their audio. */
function timedCall(): CallEvent[] {
  const { events } = grantedCall()
  const began = STARTED + 20_000
  let part = 0
  for (const { type, data } of events) {
    if (type === 'recording.part-started') {
      // The caller's leg of the second part begins with a block that the first part has already.
      const times = part++ === 0 ? { at: began, sample: 0 } : { at: began + 4_096, sample: 32_768 }
      Object.assign(data, { beganAt: new Date(times.at).toISOString(), firstSample: times.sample })
    }
    if (type === 'recording.part-ended') {
      const ended =
        part === 1 ? { samples: 32_768, firstSample: 0 } : { samples: 52_768, firstSample: 28_768 }
      Object.assign(data as EventData['recording.part-ended'], {
        ...ended,
        hash512: hash('sha512', `${part}`),
      })
    }
  }
  return events
}

t.test('a recording begins and ends with its audio, and names SHA-512 first', async t => {
  const { receipt, keys } = receiptOf(timedCall())
  const [first, second, ...more] = heard(receipt)
  t.strictSame(more, [])
  t.match(first, { start: new Date(STARTED + 20_000).toISOString(), duration: 4.096 })
  t.match(second, { start: new Date(STARTED + 20_000 + 3_596).toISOString(), duration: 3 })
  const token = Buffer.from(hash('sha512', '2'), 'hex').toString('base64url')
  t.equal(second?.content_hash?.[0], `sha512-${token}`)
  t.match(second?.content_hash?.[1], /^sha256-/)
  t.strictSame(checkFile(Buffer.from(renderDocument(vconOf(receipt, MADE))), keys).faults, [])
})

t.test('a call without recordings has no set: its first prompt, or nothing, stands for it', async t => {
  const [first] = dialogOf(receiptOf(refusedCall().events).receipt)
  t.equal(first?.type, 'text')
  t.strictSame(
    first?.party_history?.map(({ event }) => event),
    ['join', 'keydown', 'drop'],
  )
  const left = new CallScript().start('101', 'key').decide('abandoned').end()
  const [whole, ...more] = dialogOf(receiptOf(left.events).receipt)
  t.match(whole, { type: 'incomplete', disposition: 'hung-up', parties: [0, 1] })
  t.strictSame(more, [])
})

t.test('whoever has no name is anonymous, and of kept words only the caller is heard', async t => {
  const { events } = grantedCall()
  const log = memoryLog(events)
  const vcon = vconOf(
    log.receipt(events, () => false),
    MADE,
  )
  t.strictSame(vcon['parties'], [
    { name: 'anonymous' },
    { name: 'line 101', type: 'organization', org: 'test.example/consentry' },
    { name: 'anonymous' },
  ])
  for (const one of events) if (one.type === 'recording.prepared') one.data.keeps = 'service'
  const kept = vconOf(memoryLog(events).receipt(events), MADE)
  t.equal((kept['parties'] as object[]).length, 2)
  t.strictSame(
    (kept['dialog'] as Piece[]).filter(({ type }) => type === 'recording').map(({ parties }) => parties),
    [
      [0, null],
      [0, null],
    ],
  )
})
