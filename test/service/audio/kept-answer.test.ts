// Real: PostgreSQL, journal, key store, disk store, sealing, the recorder with its keeper. Fake: the check of the day, the calls, and what their callers say.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createCallAnswers } from '../../../src/call/run/commit-answer.js'
import { DAY_MS, dayOf } from '../../../src/core/clock.js'
import { event } from '../../../src/core/events.js'
import { newCallId, newNodeId, newRecordingId } from '../../../src/core/ids.js'
import type { KeptAnswer } from '../../../src/core/ports.js'
import { checkRecording } from '../../../src/recordings/audit/check-recording.js'
import { readRecordings } from '../../../src/recordings/audit/journalled-recordings.js'
import { withParts } from '../../../src/recordings/open/find-parts.js'
import { decodeLegs } from '../../../src/recordings/open/open-recording.js'
import { planPurge } from '../../../src/recordings/retain/run-purge.js'
import { erasePerson } from '../../../src/rights/erase-person.js'
import { generateIdentity, parseIdentities, parseRecipients } from '../../../src/vault/crypto/keygen.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { person } from '../../support/data/actors.js'
import { spokenAnswer } from '../../support/data/call-facts.js'
import { withLongTimeout } from '../../support/data/journal.js'
import { testDatabase } from '../../support/processes/database.js'
import {
  listFiles,
  makeRecorderParts,
  type RecorderSetup,
  readRecordingEvents,
  readRecordingRows,
  startTestRecorder,
} from '../../support/processes/recorder-setup.js'

const database = await testDatabase(t)

/** What a caller said: noise, so that it is found in no file by chance. */
const sound = Int16Array.from({ length: 8_000 }, (_, i) => ((i * 48_271) % 65_537) - 32_768)
const keepAnswer = { retentionDays: 10, legalBasis: 'proof' }

/** A recorder with a key for kept answers. */
async function startKeeping(t: Test): Promise<RecorderSetup> {
  const parts = await makeRecorderParts(t, database)
  const pair = generateIdentity('consent')
  parts.deps.recipients.push(...parseRecipients(JSON.stringify([pair.recipient])))
  parts.identities.push(...parseIdentities(JSON.stringify([pair.identity])))
  return { ...parts, recorder: await startTestRecorder(t, parts.deps) }
}

/** Journals a call whose caller said yes. @returns what is to be kept of it */
async function journalSpokenYes(
  { journal }: Pick<RecorderSetup, 'journal'>,
  caller = '+79160000001',
): Promise<KeptAnswer> {
  const [call, at] = [newCallId(), Date.now()]
  const line = { line: '100', policy: 1, language: 'en', mode: 'voice-or-key' } as const
  const begun = { ...line, channel: `1.${at}`, utcOffset: '+00:00', service: newNodeId() } as const
  journal.note(event('call.started', call, at, begun, { caller }))
  const purposes = [
    {
      ...{ purpose: 'service', retentionDays: 30, legalBasis: 'consent' },
      prompts: { question: 'q', granted: 'g', refused: 'r' },
    },
  ]
  const { kept } = await createCallAnswers(withLongTimeout(journal)).commit({
    ...{ call, purposes, answer: 'granted', method: 'voice', at, afterMs: 100, keepAnswer },
    ...{ terms: { keys: '*9', onWithdraw: 'destroy', language: 'en' }, spoken: spokenAnswer('yes') },
  })
  return { call, line: '100', keeps: 'service', grant: kept!, sound, at }
}

const heldIn = async (house: RecorderSetup, { call }: KeptAnswer) => {
  const [row] = await readRecordingRows(house, call)
  return withParts(house.deps, row!.id, parts => decodeLegs(parts, house.identities))
}

t.test('a kept yes is a recording of its own: sealed, in the journal, due after its own term', async t => {
  const house = await startKeeping(t)
  const kept = await journalSpokenYes(house)
  await house.recorder.keepAnswer(kept)
  const rows = await readRecordingRows(house, kept.call)
  matchEach(t, rows, [{ purpose: 'consent', state: 'finished', seconds: 1, lost_bytes: 0 }])
  const { caller, agent } = await heldIn(house, kept)
  t.strictSame([...caller.subarray(0, sound.length)], [...sound])
  t.ok(agent.every(sample => sample === 0))
  t.strictSame(
    (await readRecordingEvents(house, kept.call)).map(({ type }) => type),
    ['recording.prepared', 'recording.part-started', 'recording.part-ended', 'recording.finished'],
  )
  const plain = Buffer.from(sound.buffer, 4_000, 64)
  for (const file of await listFiles(house.dir)) t.notOk((await readFile(file)).includes(plain), file)
  const [journalled] = await readRecordings(house.deps.db, { calls: [kept.call] })
  t.equal(journalled!.consented, true)
  t.strictSame((await checkRecording(house.deps, journalled!)).faults, [])
  const dueIn = async (days: number) =>
    [...(await planPurge(house.deps.db, Date.now() + days * DAY_MS)).destroy.values()].flat()
  t.notOk((await dueIn(9)).includes(rows[0]!.id))
  t.ok((await dueIn(11)).includes(rows[0]!.id))
})

t.test('what cannot be kept leaves neither key nor sound, and the journal says why', async t => {
  const house = await startKeeping(t)
  const kept = await journalSpokenYes(house)
  const { recipients } = house.deps
  house.deps.recipients = recipients.filter(({ purpose }) => purpose !== 'consent')
  await house.recorder.keepAnswer(kept)
  house.deps.recipients = recipients
  // That call has no answer, so the row of its recording violates a foreign key.
  await house.recorder.keepAnswer({ ...kept, grant: (await journalSpokenYes(house)).grant })
  rmSync(join(house.dir, 'store'), { recursive: true })
  writeFileSync(join(house.dir, 'store'), '')
  await house.recorder.keepAnswer(kept)
  rmSync(join(house.dir, 'store'))
  mkdirSync(join(house.dir, 'store'))
  matchEach(
    t,
    (await readRecordingEvents(house, kept.call)).map(({ type, data }) => [
      type,
      data['purpose'],
      data['reason'],
    ]),
    ['key.missing', 'journal.refused', 'store.unwritable'].map(reason => [
      'recording.failed',
      'consent',
      reason,
    ]),
  )
  t.strictSame(await listFiles(join(house.dir, 'keys')), [])
  t.strictSame(await listFiles(join(house.dir, 'store')), [])
  t.strictSame(await readRecordingRows(house, kept.call), [])
})

t.test('a withdrawal leaves the proof that the yes was given', async t => {
  const house = await startKeeping(t)
  const kept = await journalSpokenYes(house)
  await house.recorder.keepAnswer(kept)
  const data = { purposes: ['service'], keep: false }
  house.journal.note(event('consent.withdrawn', kept.call, Date.now(), data))
  await house.recorder.withdraw(kept.call, { ...data, at: Date.now() })
  matchEach(t, await readRecordingRows(house, kept.call), [{ purpose: 'consent', state: 'finished' }])
  t.equal((await heldIn(house, kept)).caller[1], sound[1])
  const [due] = [...(await planPurge(house.deps.db, Date.now() + DAY_MS)).destroy.values()].flat()
  t.notOk(due, 'nothing is due before its term')
})

t.test('the erasure of a person destroys the kept yes too, and of nobody else', async t => {
  const house = await startKeeping(t)
  const [kept, other] = [await journalSpokenYes(house, '+79160000002'), await journalSpokenYes(house)]
  for (const one of [kept, other]) await house.recorder.keepAnswer(one)
  await house.journal.idle()
  const stored = async () => (await listFiles(house.dir)).filter(path => /\/(keys|store)\//.test(path)).length
  const before = await stored()
  const officer = person('officer')
  const certain = { ...house.deps, day: { check: async () => undefined, dateDoubt: async () => undefined } }
  const erased = await erasePerson(certain, officer, {
    number: '+79160000002',
    reason: 'asked in writing',
  })
  t.match(erased, { calls: 1, recordings: 1, stays: [] })
  matchEach(t, await readRecordingRows(house, kept.call), [{ purpose: 'consent', state: 'destroyed' }])
  await t.rejects(heldIn(house, kept), 'nobody can open it')
  t.equal(await stored(), before / 2, 'its key and its container are gone')
  matchEach(t, await readRecordingRows(house, other.call), [{ purpose: 'consent', state: 'finished' }])
  t.equal((await heldIn(house, other)).caller[1], sound[1])
})

t.test('a service that dies while it keeps an answer leaves a recording that the next one ends', async t => {
  const parts = await makeRecorderParts(t, database)
  const { call, grant } = await journalSpokenYes(parts)
  const recording = newRecordingId()
  const prepared = { recording, purpose: 'consent', keeps: 'service', basis: grant.basis.event }
  const due = dayOf(Date.now() + DAY_MS)
  parts.journal.note(
    event('recording.prepared', call, Date.now(), {
      ...prepared,
      due,
      tap: '',
      service: parts.deps.owner.service,
    }),
  )
  await parts.journal.idle()
  await startTestRecorder(t, parts.deps)
  matchEach(t, await readRecordingRows(parts, call), [{ purpose: 'consent', state: 'failed' }])
})
