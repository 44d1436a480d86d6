// Real: both verifiers, leaves, proofs, signatures, sealed containers, Debian's Python. Fake: the database; the log is in memory.
// Long: five times as many changed documents.
import { hash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { AppError } from '../../../src/core/errors.js'
import { type CallEvent, event } from '../../../src/core/events.js'
import { newActId, newCallId, newRecordingId } from '../../../src/core/ids.js'
import { keyText } from '../../../src/log/notes/rotation.js'
import { leafHash, toBytes } from '../../../src/log/tree/hash.js'
import { leafOf } from '../../../src/log/tree/leaf.js'
import { checkFile } from '../../../src/receipts/check-file.js'
import { checkExtract } from '../../../src/receipts/extract/check-extract.js'
import { renderDocument } from '../../../src/receipts/receipt.js'
import { generateIdentity, parseIdentities, parseRecipients } from '../../../src/vault/crypto/keygen.js'
import { openPart } from '../../../src/vault/crypto/part-opener.js'
import { STARTED } from '../../support/data/call-events.js'
import {
  askedAgainCall,
  grantedCall,
  interleaveEvents,
  noticeCall,
  refusedCall,
  silentCall,
  spokenCall,
  twoPurposeCall,
} from '../../support/data/whole-calls.js'
import { memoryLog, newSigners, signer } from '../../support/fakes/memory-log.js'
import { forgedStatements, logSigner } from '../../support/fakes/rotations.js'
import { type Mutation, mutate, mutations, replaceInJson } from '../../support/fuzz/mutations.js'
import { position } from '../../support/fuzz/position.js'
import { fuzzRuns, seed } from '../../support/fuzz/seeded.js'
import { type Asked, judge } from '../../support/processes/second-verifier.js'
import { block, partInfo, sealPart, sourceOf } from '../../unit/vault/fixture.js'

/** Changed documents of each kind. */
const CHANGED = fuzzRuns(200, 1_000).numRuns

const calls = [
  ...[grantedCall(), refusedCall(), silentCall(), noticeCall(), twoPurposeCall(), spokenCall()],
  askedAgainCall(),
]
const act = newActId()
const destroyed = Array.from({ length: 5 }, (_, i) =>
  event('recording.destroyed', newCallId(), STARTED + i, {
    recording: newRecordingId(),
    purpose: 'service',
    act,
    cause: 'term',
    parts: [],
  }),
)
const closed = event('act.closed', null, STARTED + 9, {
  act,
  number: 3,
  cause: 'term',
  reason: 'Срок хранения истёк',
  by: 'anna',
  openedAt: new Date(STARTED).toISOString(),
  recordings: destroyed.length,
  keepUntil: '2029-01-31',
})
const log = memoryLog([...interleaveEvents(calls), ...destroyed, closed])
const keys = [log.key, log.witness]
const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] =>
  fc.sample(arbitrary, { seed, numRuns: count })
/** Values that a forger may write in place of another. */
const values = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    2 ** 53,
    '',
    'granted',
    'refused',
    '2026-02-30T00:00:00.000Z',
    [],
    {},
  ),
  fc.jsonValue({ maxDepth: 2 }),
)

/** Compares both verdicts, and shows how many documents hold: neither all nor none, so that the comparison says something. */
async function assertAgreement(t: Test, cases: readonly { asked: Asked; ours: unknown }[], least: number) {
  const theirs = await judge(cases.map(({ asked }) => asked))
  t.equal(theirs.length, cases.length)
  const differing = cases.flatMap(({ asked, ours }, i) =>
    JSON.stringify(ours) === JSON.stringify(theirs[i]) ? [] : [{ i, ours, theirs: theirs[i], asked }],
  )
  t.strictSame(differing.slice(0, 3), [], `${differing.length} of ${cases.length} verdicts differ`)
  t.ok(cases.length >= least && theirs.includes(false), 'the documents are changed')
  t.ok(
    theirs.some(verdict => verdict !== false),
    'and some hold',
  )
}

const bytesOrMember = fc.oneof(
  mutations.map(all => ({ all })),
  fc.record({ at: position, by: values }),
)
type Change = { all: Mutation[] } | { at: number; by: unknown }

t.test('receipts: both verifiers accept and refuse the same', async t => {
  const whole = calls.map(({ events }) => log.receipt(events))
  // Somebody may leave events out: that receipt is a true statement about fewer events.
  const fewer = sample(
    fc.tuple(fc.nat(calls.length - 1), fc.array(fc.nat(40), { maxLength: 3 })),
    60,
  ).flatMap(([which, without]) => {
    const left = calls[which]!.events.filter((_, i) => !without.includes(i))
    return left.some(({ type }) => type === 'call.started') &&
      left.some(({ type }) => type === 'call.decided')
      ? [log.receipt(left, one => one.type === 'call.started')]
      : []
  })
  const receipts = [...whole, ...fewer]
  const changed = sample(fc.tuple(fc.nat(receipts.length - 1), bytesOrMember), CHANGED).map(
    ([which, change]): Buffer => {
      const receipt = receipts[which]!
      return 'all' in (change as Change)
        ? mutate(Buffer.from(renderDocument(receipt)), (change as { all: Mutation[] }).all)
        : Buffer.from(
            renderDocument(
              JSON.parse(
                replaceInJson(receipt, (change as { at: number }).at, (change as { by: unknown }).by),
              ),
            ),
          )
    },
  )
  const documents = [...receipts.map(one => Buffer.from(renderDocument(one))), ...changed]
  const cases = documents.flatMap((content, i) => {
    // Also under the key of another log.
    const trusted = i % 97 === 5 ? [log.witness] : keys
    const asked = { kind: 'receipt', content: content.toString('base64'), keys: trusted }
    return [{ asked, ours: checkFile(content, trusted).faults.length === 0 }]
  })
  await assertAgreement(t, cases, CHANGED)
})

t.test('extracts: both verifiers accept and refuse the same', async t => {
  const text = log.extract([...destroyed, closed])
  const edits: [string | RegExp, string][] = [
    ['"cause":"term"', '"cause":"erasure"'],
    ['"by":"anna"', '"by":"boris"'],
    [/"salt":"../, '"salt":"00'],
    [/,"personal":\{.*\}\}\n/, '}\n'],
    [/^\{"index".*\n/m, ''],
  ]
  const edited = edits.map(([from, to]) => Buffer.from(text.replace(from, to)))
  const shuffled = sample(
    fc.shuffledSubarray([...destroyed, closed, ...calls[0]!.events.slice(0, 2)] as CallEvent[], {
      minLength: 2,
    }),
    100,
  )
  const other = shuffled.flatMap(events =>
    events.at(-1) === closed ? [Buffer.from(log.extract(events))] : [],
  )
  const changed = sample(mutations, CHANGED).map(all => mutate(Buffer.from(text), all))
  const cases = []
  for (const content of [Buffer.from(text), ...edited, ...other, ...changed]) {
    const ours = (await checkExtract(once(content), keys)).faults.length === 0
    cases.push({ asked: { kind: 'extract', content: content.toString('base64'), keys }, ours })
  }
  await assertAgreement(t, cases, CHANGED)
})

t.test('documents of a log whose key was rotated: both verifiers accept and refuse the same', async t => {
  const events = [...interleaveEvents(calls), ...destroyed, closed]
  const signers = newSigners()
  const later = [25, 60].map(size => ({ size, secret: signer() }))
  const rotated = memoryLog(events, undefined, { ...signers, later })
  const stolen = memoryLog(events, undefined, signers)
  const [first, second, third] = rotated.keys.keys.map(keyText) as [string, string, string]
  const { statements } = rotated.keys
  const [from, to, thief] = [signers.secret, later[0]!.secret, signer()].map(secret =>
    logSigner(rotated.keys.origin, secret),
  ) as [ReturnType<typeof logSigner>, ReturnType<typeof logSigner>, ReturnType<typeof logSigner>]
  const forged = Object.values(forgedStatements(statements[0]!, from, to, thief))
  const lists = [
    ...forged.map(note => [note, statements[1]!]),
    ...[[], [statements[0]!], [statements[1]!], statements.toReversed(), [...statements, statements[1]!]],
  ]
  const documents = (log: typeof rotated) => [
    ...calls.map(call => renderDocument(log.receipt(call.events))),
    log.extract([...destroyed, closed]),
  ]
  const whole = documents(rotated)
  const texts = [
    ...whole,
    ...documents(stolen),
    ...lists.flatMap(list => [
      renderDocument({ ...rotated.receipt(calls[1]!.events), rotations: list }),
      whole.at(-1)!.replace(/^"rotations":.*$/m, `"rotations":${JSON.stringify(list)},`),
    ]),
  ]
  const trusts = [[first], [second], [third], [thief.key], [first, rotated.witness], [first, third]]
  const cases = []
  for (const [i, text] of texts.entries())
    for (const keys of trusts)
      for (const rotations of [[], statements, [statements[0]!]].slice(0, i < 2 * whole.length ? 3 : 1)) {
        const content = Buffer.from(text)
        const kind = text.startsWith('{"consentryExtract"') ? 'extract' : 'receipt'
        const { faults } =
          kind === 'extract'
            ? await checkExtract(once(content), keys, rotations)
            : checkFile(content, keys, rotations)
        cases.push({
          asked: { kind, content: content.toString('base64'), keys, rotations },
          ours: faults.length === 0,
        })
      }
  await assertAgreement(t, cases, 300)
  t.ok(cases.filter(({ ours }) => ours).length > 50)
})

async function* once(content: Buffer) {
  yield content
}

t.test('containers: both open the same records, and refuse the same', async t => {
  const { recipient, identity } = generateIdentity('service')
  const identities = parseIdentities(JSON.stringify([identity]))
  const recipients = parseRecipients(JSON.stringify([recipient]))
  const { bytes, wrappedKey } = sealPart(partInfo(), recipients, [
    block('caller', 79_000, randomBytes(3_000)),
    block('agent', 79_100, randomBytes(901)),
    block('agent', 160_000, randomBytes(64)),
    block('caller', 165_000, randomBytes(8)),
  ])
  const other = sealPart(partInfo(), recipients, [block('caller', 0, randomBytes(16))]).wrappedKey
  const longer = Buffer.concat([bytes, Buffer.from([0])])
  const contents = [bytes, longer, ...sample(mutations, CHANGED).map(all => mutate(bytes, all))]
  const cuts = sample(fc.nat(bytes.length), 60).map(end => bytes.subarray(0, end))
  const cases = []
  for (const [i, content] of [...contents, ...cuts].entries()) {
    const key = i % 97 === 5 ? other : wrappedKey
    const asked = {
      kind: 'container',
      content: content.toString('base64'),
      keyFile: key.toString('base64'),
      identities: [identity],
    }
    cases.push({ asked, ours: await openedBy(content, key, identities) })
  }
  await assertAgreement(t, cases, CHANGED)
})

/** What our opener finds: number of blocks, whether there are totals, hash of the audio. False if it refuses. */
async function openedBy(content: Buffer, key: Buffer, identities: ReturnType<typeof parseIdentities>) {
  try {
    const part = await openPart(sourceOf(content), key, identities)
    const blocks: Buffer[] = []
    for await (const { bytes } of part.blocks()) blocks.push(Buffer.from(bytes))
    return [blocks.length, part.complete, hash('sha256', Buffer.concat(blocks))]
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return false
  }
}

t.test('rows: both make the same leaf of a row, whatever JSON its data is', async t => {
  const rows = sample(
    fc.record({
      id: fc.integer({ min: 1, max: 2 ** 40 }),
      data: fc.dictionary(
        fc.string({ unit: 'binary', maxLength: 8 }),
        fc.jsonValue({ stringUnit: 'binary' }),
      ),
      micros: fc.constantFrom('', '.007', '.5', '.123456', '.00001'),
      call: fc.boolean(),
      personal: fc.boolean(),
      changed: fc.constantFrom('no', 'no', 'no', 'id', 'type', 'data', 'at'),
    }),
    CHANGED,
  )
  const cases = rows.map(({ id, data, micros, call, personal, changed }) => {
    const personalHash = personal ? hash('sha256', 'x') : null
    const at = `2026-01-31 09:30:00${micros}`
    const row = { uuid: newCallId(), call_id: call ? newCallId() : null, type: 'call.started', data }
    const logged = leafHash(leafOf({ ...row, id, at, personal_hash: personalHash }))
    const stored = {
      ...row,
      id: changed === 'id' ? id + 1 : id,
      ...(changed === 'type' && { type: 'call.ended' }),
      ...(changed === 'data' && { data: { ...data, more: 1 } }),
      at: changed === 'at' ? '2026-01-31T09:30:00.008+00:00' : `${at.replace(' ', 'T')}+00:00`,
      personal_hash: personalHash && `\\x${personalHash}`,
    }
    const content = Buffer.from(JSON.stringify(stored)).toString('base64')
    return { asked: { kind: 'row', content, hash: toBytes(logged).toString('hex') }, ours: changed === 'no' }
  })
  await assertAgreement(t, cases, CHANGED)
})
