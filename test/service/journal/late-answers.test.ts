// Real: PostgreSQL, whose event table is locked for a while, and all readers of the journal. Fake: a journal that is away.
import t from 'tap'
import { createCallAnswers } from '../../../src/call/run/commit-answer.js'
import { event } from '../../../src/core/events.js'
import { type CallId, type EventId, newCallId } from '../../../src/core/ids.js'
import { readCall } from '../../../src/journal/read/timeline.js'
import { unfinishedCalls } from '../../../src/journal/read/unfinished-calls.js'
import { conversationOf } from '../../../src/receipts/conversation.js'
import { readRecordings } from '../../../src/recordings/audit/journalled-recordings.js'
import { exactly, none } from '../../support/assertions/exactly.js'
import { prepared, SERVICE, started, WITHDRAWAL } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS, lockJournal, startTestJournal } from '../../support/data/journal.js'
import { testDatabase } from '../../support/processes/database.js'

t.setTimeout(300_000)

const { db, asOwner, server } = await testDatabase(t)
const journal = startTestJournal(t, server.url)

const purposes = [
  {
    purpose: 'service',
    legalBasis: 'consent',
    retentionDays: 30,
    prompts: { question: 'q', granted: 'g', refused: 'r' },
  },
]

const answersIn = (call: CallId) =>
  db
    .selectFrom('event')
    .select(['uuid', 'at', 'type', 'data'])
    .where('call_id', '=', call)
    .where('type', '=', 'consent.answered')
    .orderBy('id')
    .execute()

/** Members common to all answers of this test. */
const common = { purposes, terms: { keys: '*9', onWithdraw: 'destroy', language: 'en' } } as const

/** A yes that is committed after its append timed out, and the `failed` that the call notes in its place. */
async function giveUp(): Promise<CallId> {
  const call = newCallId()
  const answers = createCallAnswers(journal)
  const at = Date.now()
  await journal.append([started(call)], APPEND_LIMIT_MS)
  const unlock = await lockJournal(server.adminUrl)
  await t.rejects(answers.commit({ call, ...common, answer: 'granted', method: 'key', at, afterMs: 5 }), {
    code: 'journal.timeout',
  })
  answers.note({ call, ...common, answer: 'failed', method: 'none', at, afterMs: null, reason: 'journal' })
  journal.note(event('call.decided', call, at, { decision: 'failed' }))
  await unlock()
  await journal.idle()
  return call
}

t.test('a yes that is committed after it was given up is marked as replaced, and counts nowhere', async t => {
  let call: CallId
  // On a busy machine the journal may cut the connection before the lock is released. Then the yes is never committed.
  do call = await giveUp()
  while ((await answersIn(call)).length < 2)
  const [yes, instead] = await answersIn(call)
  t.match(yes?.data, { answer: 'granted' })
  t.match(
    instead?.data,
    { answer: 'failed', reason: 'journal-late', replaces: yes!.uuid },
    'the replacement says why',
  )

  const read = await readCall(db, object => object, call)
  t.match(read, {
    decision: 'failed',
    purposes: exactly({ purpose: 'service', answer: 'failed' }),
    recordings: none,
  })
  const [unfinished] = (await unfinishedCalls(db, { node: 'n', service: SERVICE })).filter(
    ({ id }) => id === call,
  )
  t.match(
    unfinished?.answers,
    exactly({ answer: 'failed' }),
    'a service that recovers the call records nothing',
  )

  const leaves = [yes!, instead!].map(({ uuid, at, type, data }) => ({
    leaf: { uuid, at: at.toISOString(), type, data, call, id: 1 },
  }))
  const { answers } = conversationOf(leaves as never, at => at as never)
  t.match(
    answers,
    exactly(
      { answer: 'granted', overruled: true },
      { answer: 'failed', reason: 'journal-late', replaces: yes!.uuid, overruled: undefined },
    ),
  )

  const basis = { id: yes!.uuid as EventId } as never
  await t.rejects(
    journal.append([prepared(call, basis)], APPEND_LIMIT_MS),
    { code: 'journal.refused' },
    'no recording can be based on it',
  )
})

t.test('the commit of an answer may take as long as two syncs of a busy disk', async t => {
  const limits: number[] = []
  const answers = createCallAnswers({
    append: async (_, ms) => void limits.push(ms),
    note: () => t.fail('nothing is noted'),
  })
  const given = { call: newCallId(), ...common, method: 'key' as const, at: Date.now(), afterMs: 5 }
  await answers.commit({ ...given, answer: 'granted' })
  t.strictSame(limits, [1_000])
})

t.test('an answer that was certainly not written has no replacement', async t => {
  const call = newCallId()
  await journal.append([started(call)], APPEND_LIMIT_MS)
  const answers = createCallAnswers({
    append: async () => {
      throw Object.assign(new Error(), { code: 'db.unavailable' })
    },
    note: (...events) => journal.note(...events),
  })
  const given = { call, ...common, method: 'none' as const, at: Date.now(), afterMs: null }
  await t.rejects(answers.commit({ ...given, answer: 'granted' }))
  answers.note({ ...given, answer: 'failed', reason: 'journal' })
  await journal.idle()
  const [only, ...more] = await answersIn(call)
  t.match(only?.data, { answer: 'failed', reason: 'journal', replaces: undefined })
  t.strictSame(more, [])
})

t.test('an answer that timed out before it was sent has no replacement', async t => {
  const call = newCallId()
  await journal.append([started(call)], APPEND_LIMIT_MS)
  const unlock = await lockJournal(server.adminUrl)
  // Events of one call are never on their way twice, so the answer waits behind this one.
  const before = journal.append(
    [event('consent.asked', call, Date.now(), { purpose: 'service', attempt: 1 })],
    APPEND_LIMIT_MS,
  )
  await new Promise(resolve => setImmediate(resolve))
  const answers = createCallAnswers(journal)
  const given = { call, ...common, at: Date.now(), afterMs: 5 }
  await t.rejects(answers.commit({ ...given, answer: 'granted', method: 'key' }), {
    code: 'journal.unwritten',
  })
  answers.note({ ...given, answer: 'failed', method: 'none', reason: 'journal' })
  await unlock()
  await before
  await journal.idle()
  const [only, ...more] = await answersIn(call)
  t.match(only?.data, { answer: 'failed', reason: 'journal', replaces: undefined })
  t.strictSame(more, [])
})

t.test(
  'a yes of a recording cannot be replaced, and the audit finds a replacement that was forced',
  async t => {
    const call = newCallId()
    const at = Date.now()
    const data = {
      purpose: 'service',
      method: 'key' as const,
      legalBasis: 'consent',
      retentionDays: 30,
      afterMs: 5,
      withdrawal: WITHDRAWAL,
    }
    const yes = event('consent.answered', call, at, { ...data, answer: 'granted' })
    const ready = prepared(call, yes)
    await journal.append([started(call), yes, ready], APPEND_LIMIT_MS)
    const look = async () => (await readRecordings(db, { calls: [call] })).map(({ consented }) => consented)
    t.strictSame(await look(), [true])
    const instead = { ...data, answer: 'failed' as const, reason: 'journal-late', replaces: yes.id }
    const failed = event('consent.answered', call, at, instead)
    await t.rejects(
      journal.append([failed], APPEND_LIMIT_MS),
      { code: 'journal.refused' },
      'the journal refuses it',
    )
    t.strictSame(await look(), [true], 'the consent still counts')
    // The tables do not check what their owner writes into the journal itself.
    await asOwner.query(
      `insert into event (uuid, call_id, at, type, data) values ($1, $2, now(), 'consent.answered', $3)`,
      [failed.id, call, instead],
    )
    t.equal((await answersIn(call)).length, 2, 'the journal has both answers')
    t.strictSame(await look(), [false], 'the audit says that there is no consent')
  },
)
