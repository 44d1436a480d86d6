// Real: leaves, proofs, signatures. Fake: the database; the log is in memory.
import fc from 'fast-check'
import t from 'tap'
import { checkFile } from '../../../src/receipt/check-file.js'
import { type Receipt, renderDocument } from '../../../src/receipt/receipt.js'
import { vconOf } from '../../../src/receipt/vcon.js'
import {
  grantedCall,
  interleaveEvents,
  noticeCall,
  refusedCall,
  silentCall,
  twoPurposeCall,
} from '../../support/data/whole-calls.js'
import { memoryLog } from '../../support/fakes/memory-log.js'

const calls = {
  granted: grantedCall(),
  refused: refusedCall(),
  silent: silentCall(),
  notice: noticeCall(),
  twoPurposes: twoPurposeCall(),
}
const logged = interleaveEvents(Object.values(calls))
const log = memoryLog(logged)
const keys = [log.key, log.witness]
const receipt = log.receipt(calls.twoPurposes.events)
const text = renderDocument(receipt)
const vconText = renderDocument(vconOf(receipt, '2026-02-01T08:00:00.000Z'))
const check = (content: string | Uint8Array, trusted = keys) => checkFile(Buffer.from(content), trusted)
const changed = (change: (copy: Receipt) => void): string => {
  const copy = structuredClone(receipt)
  change(copy)
  return renderDocument(copy)
}

t.test('every kind of call verifies, as a receipt and as a vCon', async t => {
  for (const [name, { events }] of Object.entries(calls)) {
    const made = log.receipt(events)
    t.same(check(renderDocument(made)).faults, [], name)
    t.same(check(renderDocument(vconOf(made, '2026-02-01T08:00:00.000Z'))).faults, [], `${name} as a vCon`)
  }
  t.same(check(text).witnessed, [{ name: 'witness.example', at: '2026-01-31T09:30:00.000Z', known: true }])
  t.match(check(text, [log.key]), { faults: [], witnessed: [{ known: false }] })
})

t.test('a receipt without personal parts is valid', async t => {
  const bare = log.receipt(calls.granted.events, () => false)
  t.same(check(renderDocument(bare)).faults, [])
  t.equal(bare.statement.caller, undefined)
  t.equal(bare.statement.answers[0]!.digit, undefined)
  t.notMatch(renderDocument(bare), /79001234567/)
  const full = log.receipt(calls.granted.events)
  t.match(full.statement, { caller: '+79001234567', answers: [{ digit: '1' }] })
  const invented = { ...bare, statement: { ...bare.statement, caller: '+79001234567' } }
  t.match(check(renderDocument(invented)).faults, [
    { kind: 'receipt-statement-differs', where: 'statement.caller' },
  ])
})

t.test('every changed value is reported by name', async t => {
  const places: (string | number)[][] = []
  const walk = (value: unknown, path: (string | number)[]): void => {
    if (typeof value !== 'object' || value === null) places.push(path)
    else if (Array.isArray(value)) for (const [i, entry] of value.entries()) walk(entry, [...path, i])
    else for (const [name, entry] of Object.entries(value)) walk(entry, [...path, name])
  }
  for (const content of [text, vconText]) {
    const whole = JSON.parse(content)
    places.length = 0
    walk(whole, [])
    for (const place of places) {
      const copy = structuredClone(whole)
      const last = place.at(-1)!
      const parent = place.slice(0, -1).reduce((node, name) => node[name], copy)
      const value = parent[last]
      parent[last] =
        typeof value === 'number' ? value + 1 : typeof value === 'string' ? `${value}1` : 'forged'
      const { faults } = check(renderDocument(copy))
      if (faults.length === 0 || !faults.every(({ what }) => what.length > 10)) t.fail(place.join('.'))
    }
    t.ok(places.length > 200, `${places.length} values`)
  }
})

t.test('the fault has the value in the file and the logged one', async t => {
  t.match(check(changed(copy => Object.assign(copy.statement.answers[1]!, { answer: 'granted' }))).faults, [
    {
      kind: 'receipt-statement-differs',
      what: 'it says "granted", the log says "refused"',
      where: 'statement.answers[1].answer',
    },
  ])
  const forged = changed(copy => {
    copy.events[2]!.leaf = copy.events[2]!.leaf.replace('complete', 'key')
  })
  t.match(check(forged).faults, [
    { kind: 'receipt-event-unproven', what: /prompt\.ended at index/, where: 'events[2]' },
  ])
  const opened = changed(copy => {
    copy.events[0]!.personal!.data.caller = '+79007654321'
  })
  t.match(check(opened).faults, [{ kind: 'receipt-personal-differs', where: 'events[0].personal' }])
})

t.test('every changed, removed or added byte is reported', async t => {
  for (const content of [text, vconText]) {
    const bytes = Buffer.from(content)
    const damage = fc.record({
      at: fc.nat(bytes.length - 1),
      dropped: fc.integer({ min: 0, max: 1 }),
      put: fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(damage, ({ at, dropped, put }) => {
        const between = put === undefined ? [] : [put]
        const copy = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(between),
          bytes.subarray(at + dropped),
        ])
        const [fault] = check(copy).faults
        return copy.equals(bytes) ? fault === undefined : fault !== undefined && fault.what !== ''
      }),
      { numRuns: 3_000 },
    )
  }
  t.pass('3,000 changes each')
})

t.test('the same content in another encoding is refused', async t => {
  const other = (content: string) => {
    t.not(content, text)
    t.match(check(content).faults, [{ what: /.{10}/ }])
  }
  other(JSON.stringify(receipt))
  other(text.trimEnd())
  other(text.replace('"consentryReceipt": 1', '"consentryReceipt": 1.0'))
  const upper = changed(copy => {
    const { personal } = copy.events[0]!
    personal!.salt = personal!.salt.toUpperCase().replace(/^[0-9]{32}$/, '0')
  })
  other(upper)
  const { witnesses, ...rest } = receipt
  other(renderDocument({ witnesses, ...rest }))
  const path = receipt.events[0]!.path[0]!
  const last = path.at(-2)!
  // The last character of a hash in base64 has two bits that say nothing.
  const twin = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const respelt = `${path.slice(0, -2)}${twin[twin.indexOf(last) + 1]}=`
  t.ok(Buffer.from(respelt, 'base64').equals(Buffer.from(path, 'base64')))
  other(changed(copy => copy.events[0]!.path.splice(0, 1, respelt)))
})

t.test('a receipt assembled from parts of valid receipts is refused', async t => {
  const from = log.receipt(calls.refused.events)
  t.match(check(changed(copy => copy.events.splice(5, 0, from.events[3]!))).faults, [
    { what: /another call/ },
  ])
  t.match(check(changed(copy => copy.events.reverse())).faults[0], { what: /order of the log/ })
  t.match(check(changed(copy => copy.events.splice(3, 0, copy.events[3]!))).faults[0], {
    what: /order of the log/,
  })
  t.match(check(changed(copy => copy.events.pop())).faults, [{ where: 'statement.ended' }])
  const other = memoryLog(logged)
  t.match(check(text, [other.key]).faults, [{ kind: 'receipt-key-unknown' }])
  t.match(check(renderDocument(other.receipt(calls.granted.events)), [log.key]).faults, [
    { kind: 'receipt-key-unknown' },
  ])
  t.match(
    check(
      changed(copy => Object.assign(copy, { key: other.key })),
      [other.key],
    ).faults,
    [{ kind: 'receipt-unsigned' }],
  )
  t.match(check(text, [log.witness]).faults, [{ kind: 'receipt-key-unknown' }])
})

t.test('a file that is no receipt is refused', async t => {
  for (const content of [
    '',
    '{}',
    '[]',
    'null',
    '1',
    '{"consentryReceipt":2}',
    '{"attachments":[]}',
    '\u0000',
  ])
    t.match(check(content).faults[0], { kind: 'receipt-malformed' }, content)
  t.match(check(Buffer.from([0xff, 0xfe])).faults[0], { kind: 'receipt-malformed' })
  const huge = { ...receipt, events: [{ index: 0, leaf: 'x'.repeat(70_000), path: [] }] }
  t.match(check(renderDocument(huge)).faults[0], { kind: 'receipt-malformed', where: 'events[0].leaf' })
})
