// Real: leaves, proofs and signatures. Fake: the database; the log is in memory.
// Alone: it takes long, and the files after it would wait.
// Long: ten times as many damaged documents.
import fc from 'fast-check'
import t from 'tap'
import { checkFile } from '../../../src/receipts/check-file.js'
import { type Receipt, renderDocument } from '../../../src/receipts/receipt.js'
import { type Vcon, vconOf } from '../../../src/receipts/vcon.js'
import { matchEach } from '../../support/assertions/match-each.js'
import {
  grantedCall,
  interleaveEvents,
  noticeCall,
  refusedCall,
  silentCall,
  spokenCall,
  twoPurposeCall,
} from '../../support/data/whole-calls.js'
import { memoryLog } from '../../support/fakes/memory-log.js'
import { fuzzRuns } from '../../support/fuzz/seeded.js'

/** A call whose caller said yes, and confirmed it by a key. */
function confirmedCall(): ReturnType<typeof spokenCall> {
  const spoken = spokenCall()
  for (const one of spoken.events)
    if (one.type === 'consent.answered') {
      Object.assign(one.data, { confirmedBy: 'key', confirmedAfterMs: 4_000 })
      one.personal = { ...one.personal, digit: '1' }
    }
  return spoken
}

const calls = {
  granted: grantedCall(),
  refused: refusedCall(),
  silent: silentCall(),
  notice: noticeCall(),
  twoPurposes: twoPurposeCall(),
  spoken: spokenCall(),
  confirmed: confirmedCall(),
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
  t.same(check(text).witnessed, [{ name: 'witness.example', at: log.cosignedAt, known: true }])
  const { faults, witnessed } = check(text, [log.key])
  t.strictSame(faults, [])
  matchEach(t, witnessed, [{ known: false }])
})

t.test(
  'a spoken yes is in the receipt and in the vCon with what was heard, and its words as long as they are kept',
  async t => {
    const { call, events } = calls.spoken
    const full = log.receipt(events)
    const evidence = {
      engine: 'vosk',
      class: 'yes',
      threshold: 0.7,
      needed: 0.85,
      beganMs: 600,
      endedMs: 1_101,
      decidedMs: 1_650,
    }
    matchEach(t, full.statement.answers, [{ method: 'voice', words: 'yes please', voice: evidence }])
    const vcon = vconOf(full, '2026-02-01T08:00:00.000Z') as Vcon & { dialog: { body?: string }[] }
    const said = vcon.dialog.filter(({ body }) => body === 'yes please')
    const answeredAt = events.find(({ type }) => type === 'consent.answered')!.at
    t.strictSame(said, [
      {
        ...{ type: 'text', start: new Date(answeredAt - 1_050).toISOString(), duration: 0.501 },
        ...{ parties: [0, 1], mediatype: 'text/plain', body: 'yes please', encoding: 'none' },
      },
    ])
    const basis = vcon.attachments.find(({ purpose }) => purpose === 'lawful_basis')
    t.match(basis, { body: { metadata: { method: 'voice', voice: evidence } } })
    const erased = log.receipt(events, () => false)
    t.notMatch(renderDocument(erased), /yes please/)
    t.match(erased.statement.answers[0], { method: 'voice', voice: evidence })
    t.same(check(renderDocument(erased)).faults, [], call)
  },
)

t.test('a vCon says that a key confirmed the spoken yes, and when each came', async t => {
  const { events } = calls.confirmed
  const full = log.receipt(events)
  t.same(check(renderDocument(full)).faults, [])
  matchEach(t, full.statement.answers, [{ method: 'voice', confirmedBy: 'key', confirmedAfterMs: 4_000 }])
  const vcon = vconOf(full, '2026-02-01T08:00:00.000Z') as Vcon & {
    dialog: { body?: string; start: string; party_history?: { event: string; time: string }[] }[]
  }
  const answeredAt = events.find(({ type }) => type === 'consent.answered')!.at
  const said = vcon.dialog.find(({ body }) => body === 'yes please')
  t.equal(said?.start, new Date(answeredAt - 4_000 - 1_050).toISOString())
  const pressed = vcon.dialog[0]!.party_history!.find(({ event }) => event === 'keydown')
  t.match(pressed, { time: new Date(answeredAt).toISOString(), button: '1' })
  const basis = vcon.attachments.find(({ purpose }) => purpose === 'lawful_basis')
  t.match(basis, { body: { metadata: { method: 'voice', confirmed_by: 'key', voice: { class: 'yes' } } } })
})

t.test('a receipt without personal parts is valid', async t => {
  const bare = log.receipt(calls.granted.events, () => false)
  t.same(check(renderDocument(bare)).faults, [])
  t.equal(bare.statement.caller, undefined)
  t.equal(bare.statement.answers[0]!.digit, undefined)
  t.notMatch(renderDocument(bare), /79001234567/)
  const full = log.receipt(calls.granted.events)
  t.equal(full.statement.caller, '+79001234567')
  matchEach(t, full.statement.answers, [{ digit: '1' }])
  const invented = { ...bare, statement: { ...bare.statement, caller: '+79001234567' } }
  matchEach(t, check(renderDocument(invented)).faults, [
    { kind: 'receipt-statement-differs', where: 'statement.caller' },
  ])
})

t.test('every changed value is reported, in words', async t => {
  const paths: (string | number)[][] = []
  const walk = (value: unknown, path: (string | number)[]): void => {
    if (typeof value !== 'object' || value === null) paths.push(path)
    else if (Array.isArray(value)) for (const [i, entry] of value.entries()) walk(entry, [...path, i])
    else for (const [name, entry] of Object.entries(value)) walk(entry, [...path, name])
  }
  for (const content of [text, vconText]) {
    const whole = JSON.parse(content)
    paths.length = 0
    walk(whole, [])
    const unreported: string[] = []
    for (const path of paths) {
      const copy = structuredClone(whole)
      const last = path.at(-1)!
      const parent = path.slice(0, -1).reduce((node, name) => node[name], copy)
      const value = parent[last]
      parent[last] =
        typeof value === 'number' ? value + 1 : typeof value === 'string' ? `${value}1` : 'forged'
      const { faults } = check(renderDocument(copy))
      if (faults.length === 0 || !faults.every(({ what }) => what.length > 10))
        unreported.push(path.join('.'))
    }
    t.strictSame(unreported, [])
    t.ok(paths.length > 200, `${paths.length} values`)
  }
})

t.test('the fault has the value in the file and the logged one', async t => {
  const answered = changed(copy => Object.assign(copy.statement.answers[1]!, { answer: 'granted' }))
  matchEach(t, check(answered).faults, [
    {
      kind: 'receipt-statement-differs',
      what: 'it says "granted", the log says "refused"',
      where: 'statement.answers[1].answer',
    },
  ])
  const forged = changed(copy => {
    copy.events[2]!.leaf = copy.events[2]!.leaf.replace('complete', 'key')
  })
  matchEach(t, check(forged).faults, [
    { kind: 'receipt-event-unproven', what: /prompt\.ended at index/, where: 'events[2]' },
  ])
  const opened = changed(copy => {
    copy.events[0]!.personal!.data.caller = '+79007654321'
  })
  matchEach(t, check(opened).faults, [{ kind: 'receipt-personal-differs', where: 'events[0].personal' }])
})

t.test('every changed, removed or added byte is reported', async t => {
  for (const content of [text, vconText]) {
    const bytes = Buffer.from(content)
    const damage = fc.record({
      at: fc.nat(bytes.length - 1),
      dropped: fc.integer({ min: 0, max: 1 }),
      put: fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }),
    })
    t.doesNotThrow(() =>
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
        fuzzRuns(300, 3_000),
      ),
    )
  }
})

t.test('the same content in another encoding is refused', async t => {
  const refuse = (content: string) => {
    t.not(content, text)
    matchEach(t, check(content).faults, [{ what: /.{10}/ }])
  }
  refuse(JSON.stringify(receipt))
  refuse(text.trimEnd())
  refuse(text.replace('"consentryReceipt": 1', '"consentryReceipt": 1.0'))
  const upper = changed(copy => {
    const { personal } = copy.events[0]!
    personal!.salt = personal!.salt.toUpperCase().replace(/^[0-9]{32}$/, '0')
  })
  refuse(upper)
  const { witnesses, ...rest } = receipt
  refuse(renderDocument({ witnesses, ...rest }))
  const path = receipt.events[0]!.path[0]!
  const last = path.at(-2)!
  // The last character of a hash in base64 has two bits without meaning.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const respelt = `${path.slice(0, -2)}${alphabet[alphabet.indexOf(last) + 1]}=`
  t.ok(Buffer.from(respelt, 'base64').equals(Buffer.from(path, 'base64')))
  refuse(changed(copy => copy.events[0]!.path.splice(0, 1, respelt)))
})

t.test('a receipt assembled from parts of valid receipts is refused', async t => {
  const from = log.receipt(calls.refused.events)
  matchEach(t, check(changed(copy => copy.events.splice(5, 0, from.events[3]!))).faults, [
    { what: /another call/ },
  ])
  t.match(check(changed(copy => copy.events.reverse())).faults[0], { what: /order of the log/ })
  t.match(check(changed(copy => copy.events.splice(3, 0, copy.events[3]!))).faults[0], {
    what: /order of the log/,
  })
  matchEach(t, check(changed(copy => copy.events.pop())).faults, [{ where: 'statement.ended' }])
  const other = memoryLog(logged)
  matchEach(t, check(text, [other.key]).faults, [{ kind: 'receipt-key-unknown' }])
  matchEach(t, check(renderDocument(other.receipt(calls.granted.events)), [log.key]).faults, [
    { kind: 'receipt-key-unknown' },
  ])
  matchEach(
    t,
    check(
      changed(copy => Object.assign(copy, { key: other.key })),
      [other.key],
    ).faults,
    [{ kind: 'receipt-unsigned' }],
  )
  matchEach(t, check(text, [log.witness]).faults, [{ kind: 'receipt-key-unknown' }])
})

t.test('a file that is no receipt is refused', async t => {
  for (const content of [
    '',
    '{}',
    '[]',
    'null',
    '1',
    '{"consentryReceipt":1}',
    '{"attachments":[]}',
    '\u0000',
  ])
    t.match(check(content).faults[0], { kind: 'receipt-malformed' }, content)
  t.match(check(Buffer.from([0xff, 0xfe])).faults[0], { kind: 'receipt-malformed' })
  const later = { ...receipt, consentryReceipt: 2, more: [] }
  t.match(check(renderDocument(later)).faults[0], {
    kind: 'receipt-malformed',
    what: 'only receipts of version 1 can be read here',
    where: 'consentryReceipt',
  })
  const huge = { ...receipt, events: [{ index: 0, leaf: 'x'.repeat(70_000), path: [] }] }
  t.match(check(renderDocument(huge)).faults[0], { kind: 'receipt-malformed', where: 'events[0].leaf' })
})
