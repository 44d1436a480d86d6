// Real: leaves, proofs, signatures of several keys, the checks, files of keys. Fake: the database; the log is in memory.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { event } from '../../../src/core/events.js'
import { newActId, newCallId, newRecordingId } from '../../../src/core/ids.js'
import { publishKeys } from '../../../src/log/folder-keys.js'
import { keyText } from '../../../src/log/notes/rotation.js'
import { checkFile } from '../../../src/receipts/check-file.js'
import { checkExtract } from '../../../src/receipts/extract/check-extract.js'
import { type Receipt, renderDocument } from '../../../src/receipts/receipt.js'
import { vconOf } from '../../../src/receipts/vcon.js'
import { verifyDocument } from '../../../src/receipts/verify-document.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { STARTED } from '../../support/data/call-events.js'
import { grantedCall, refusedCall } from '../../support/data/whole-calls.js'
import { memoryLog, newSigners, signer } from '../../support/fakes/memory-log.js'
import { forgedStatements, logSigner } from '../../support/fakes/rotations.js'

const [before, after] = [grantedCall(), refusedCall()]
const act = newActId()
const destroyed = event('recording.destroyed', newCallId(), STARTED, {
  recording: newRecordingId(),
  purpose: 'service',
  act,
  cause: 'term',
  parts: [],
})
const closed = event('act.closed', null, STARTED + 9, {
  act,
  number: 1,
  cause: 'term',
  reason: 'its term is over',
  by: 'anna',
  openedAt: new Date(STARTED).toISOString(),
  recordings: 1,
  keepUntil: '2029-01-31',
})
const events = [...before.events, ...after.events, destroyed, closed]
const size = before.events.length
const signers = newSigners()
const next = signer()
const rotated = memoryLog(events, undefined, { ...signers, later: [{ size, secret: next }] })
/** The same log as it was before its key was rotated, and as the holder of the former key can forge it for ever. */
const former = memoryLog(events, undefined, signers)
const [oldKey, newKey] = rotated.keys.keys.map(keyText) as [string, string]
const [statement] = rotated.keys.statements as [string]
const thief = logSigner(rotated.keys.origin)

const check = (receipt: Receipt, keys: string[], rotations: string[] = []) =>
  checkFile(Buffer.from(renderDocument(receipt)), keys, rotations)
const kinds = (receipt: Receipt, keys: string[], rotations?: string[]) =>
  check(receipt, keys, rotations).faults.map(({ kind }) => kind)

t.test('a receipt of a rotated log holds under each of its keys', async t => {
  for (const call of [before, after]) {
    const receipt = rotated.receipt(call.events)
    t.match(receipt, { consentryReceipt: 1, key: newKey, rotations: [statement] })
    for (const keys of [[oldKey], [newKey], [newKey, rotated.witness]]) {
      t.strictSame(check(receipt, keys).faults, [])
      t.strictSame(check(receipt, keys, [statement]).faults, [])
    }
    t.strictSame(kinds(receipt, [thief.key]), ['receipt-key-unknown'])
    const vcon = renderDocument(vconOf(receipt, '2026-02-01T00:00:00.000Z'))
    t.strictSame(checkFile(Buffer.from(vcon), [newKey]).faults, [])
  }
})

t.test('a receipt that was made before the rotation holds under the former key', async t => {
  const receipt = former.receipt(before.events)
  t.match(receipt, { consentryReceipt: 1, key: oldKey, rotations: [] })
  t.strictSame(check(receipt, [oldKey]).faults, [])
  t.strictSame(kinds(receipt, [newKey]), ['receipt-key-unknown'], 'and not under another')
})

t.test('keys are read from files with the statements after them, and from the folder of the log', async t => {
  const dir = t.testdir({
    trusted: `${oldKey}\n\n${statement}`,
    broken: statement.replace(`\n${size}\n`, `\n${size + 1}\n`),
  })
  const write = async (name: string, receipt: Receipt) => {
    await writeFile(join(dir, name), renderDocument(receipt))
    return join(dir, name)
  }
  await publishKeys(join(dir, 'log'), rotated.keys)
  const own = { log: { dir: join(dir, 'log') } } as Parameters<typeof verifyDocument>[2]
  const judge = async (file: string, keys: string[]) =>
    (await verifyDocument(file, keys, own)).faults.map(({ kind }) => kind)
  const made = await write('former', memoryLog(before.events, undefined, signers).receipt(before.events))
  const forged = await write('forged', former.receipt(after.events))
  const now = await write('now', rotated.receipt(after.events))
  for (const keys of [[], [join(dir, 'trusted')]]) {
    t.strictSame(await judge(now, keys), [])
    t.strictSame(await judge(made, keys), [], 'made before the rotation')
    t.strictSame(await judge(forged, keys), ['receipt-key-not-in-force'])
  }
  await t.rejects(judge(now, [join(dir, 'broken')]), { code: 'request.invalid' })
})

t.test('what the former key signs after the rotation is refused where the statement is known', async t => {
  const forged = former.receipt(after.events)
  t.strictSame(kinds(forged, [newKey], [statement]), ['receipt-key-unknown'])
  t.strictSame(kinds(forged, [oldKey], [statement]), ['receipt-key-not-in-force'])
  t.strictSame(kinds(forged, [oldKey]), [], 'and holds where only the former key is known')
  const receipt = rotated.receipt(after.events)
  const { checkpoint } = forged
  t.strictSame(
    kinds({ ...receipt, checkpoint }, [newKey]),
    ['receipt-key-not-in-force'],
    'in a receipt with the statement, too',
  )
  const covering = { ...receipt.entered!.covering, checkpoint: forged.entered!.covering.checkpoint }
  matchEach(t, check({ ...receipt, entered: { ...receipt.entered!, covering } }, [newKey]).faults, [
    { kind: 'receipt-key-not-in-force', where: 'entered.covering.checkpoint' },
  ])
})

t.test('a checkpoint before the rotation is not the own one of a receipt with the statement', async t => {
  // Otherwise whoever has the former key could make another history of that time for those who trust the new one.
  const small = memoryLog(before.events, undefined, signers).receipt(before.events)
  const receipt = { ...small, key: newKey, rotations: [statement] }
  t.strictSame(kinds(receipt, [newKey]), ['receipt-key-not-in-force'])
})

t.test('a receipt with any other statement is refused', async t => {
  const receipt = rotated.receipt(after.events)
  const [from, to] = [logSigner(thief.verifier.name, signers.secret), logSigner(thief.verifier.name, next)]
  for (const [what, forged] of Object.entries(forgedStatements(statement, from, to, thief)))
    for (const keys of [[oldKey], [newKey]])
      t.strictSame(kinds({ ...receipt, rotations: [forged] }, keys), ['receipt-unsigned'], what)
  const { rotations: _, ...without } = receipt
  t.strictSame(kinds(without as Receipt, [newKey]), ['receipt-malformed'])
  t.strictSame(kinds({ ...receipt, rotations: [] }, [oldKey]), ['receipt-key-unknown'])
  t.strictSame(kinds({ ...receipt, rotations: [statement, statement] }, [newKey]), ['receipt-unsigned'])
})

t.test('the rival statement of a stolen former key is refused where the true one is known', async t => {
  const stolen = { ...signers, later: [{ size: size - 1, secret: thief.secret }] }
  const forged = memoryLog(events, undefined, stolen).receipt(after.events)
  t.strictSame(kinds(forged, [oldKey]), [], 'whoever knows only the former key believes it')
  t.strictSame(kinds(forged, [newKey]), ['receipt-key-unknown'])
  t.strictSame(kinds(forged, [oldKey, newKey], [statement]), ['receipt-key-not-in-force'])
})

t.test('an extract of a rotated log holds under each of its keys', async t => {
  const extract = rotated.extract([destroyed, closed])
  const judge = async (text: string, keys: string[], rotations: string[] = []) => {
    async function* content() {
      yield Buffer.from(text)
    }
    return (await checkExtract(content(), keys, rotations)).faults.map(({ kind }) => kind)
  }
  t.match(extract, /^\{"consentryExtract":1,\n/)
  for (const key of [oldKey, newKey]) t.strictSame(await judge(extract, [key]), [])
  const forged = former.extract([destroyed, closed])
  t.strictSame(await judge(forged, [newKey]), ['extract-key-unknown'])
  t.strictSame(await judge(forged, [oldKey], [statement]), ['extract-key-not-in-force'])
  t.strictSame(await judge(extract.replace(/^"rotations":.*\n/m, ''), [newKey]), ['extract-malformed'])
})
