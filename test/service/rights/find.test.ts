// Real: PostgreSQL, journal, transparency log, key store, disk store, sealed containers. Fake: none.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { acknowledgeRules, publishRules } from '../../../src/accounts/rules.js'
import { recordTraining } from '../../../src/accounts/training.js'
import { readConfig } from '../../../src/config/config.js'
import type { Actor } from '../../../src/core/actor.js'
import { newRecordingId } from '../../../src/core/ids.js'
import { openDatabase } from '../../../src/db/database.js'
import { makeReceipt } from '../../../src/receipts/make-receipt.js'
import { destroyRecordings } from '../../../src/recordings/destroy/destroy.js'
import { journalListen, openRecording } from '../../../src/recordings/open/open-and-journal.js'
import { placeHold } from '../../../src/recordings/retain/holds.js'
import { blockPerson, unblockPerson } from '../../../src/rights/block-person.js'
import { findPerson } from '../../../src/rights/collect-person.js'
import { correctPerson } from '../../../src/rights/correct-person.js'
import { closeRequest, listRequests, openRequest } from '../../../src/rights/requests.js'
import { exactly, none } from '../../support/assertions/exactly.js'
import { person } from '../../support/data/actors.js'
import { CALLED_AT, sealCall, startArchiveSetup } from '../../support/processes/archive-setup.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { browserOf } from '../../support/processes/people.js'
import { logSettingsIn, updateLog, verifyDatabase } from '../../support/processes/tlog.js'

const place = await startArchiveSetup(t)
const { deps } = place
const officer = person('officer')
const find = (number: string) => findPerson(deps, officer, number)
const term = { cause: 'term', reason: 'test', by: 'test' } as const
const stated = { reason: 'asked in writing' }

t.test('a number that never called has no results', async t => {
  const nothing = {
    calls: [],
    recordings: [],
    heardIn: [],
    listens: [],
    requests: [],
    holds: [],
    incidents: [],
  }
  t.strictSame(await find('+7100'), { number: '+7100', ...nothing })
})

t.test('a number is found as people write it, and what is stored under other signs as that', async t => {
  const { call } = await sealCall(place, '+74951234567')
  const { call: odd } = await sealCall(place, '7-103')
  for (const typed of ['+7 495 123-45-67', ' +7 (495) 123\u00a045\u201167 '])
    t.match(await find(typed), { number: '+74951234567', calls: [{ id: call }] }, typed)
  t.match(await find('7-103'), { number: '7-103', calls: [{ id: odd }] }, 'as it is stored')
  const request = { number: '+7 495 123-45-67', kind: 'access', law: 'gdpr' } as const
  t.equal((await openRequest(deps, officer, request)).number, '+74951234567')
  await blockPerson(deps, officer, { number: '+7 495 123-45-67', ...stated })
  t.equal(await unblockPerson(deps, officer, { number: '+7(495)1234567', ...stated }), 1)
})

t.test('a search gives everything about one number, and nothing about another', async t => {
  const first = await sealCall(place, '+7101')
  const second = await sealCall(place, '+7101', {
    answers: { service: 'refused' },
    at: CALLED_AT + 3_600_000,
  })
  const third = await sealCall(place, '+7101', { at: CALLED_AT + 7_200_000 })
  await sealCall(place, '+7102')
  const recording = first.recordings['service']!
  await journalListen(deps, person('anna'), { recording, reason: 'a complaint', how: 'play' })
  await destroyRecordings(deps, term, [[third.recordings['service']!]])
  const { hold } = await placeHold(deps, {
    on: { call: first.call },
    kind: 'hold',
    reason: 'a claim',
    by: 'boss',
    expiresAt: null,
  })
  const wanted = {
    number: '+7101',
    kind: 'access',
    law: 'gdpr',
    receivedOn: '2026-01-31',
  } as const
  const request = await openRequest(deps, officer, wanted)

  const found = await find('+7101')
  t.strictSame(
    found.calls.map(({ id, decision }) => [id, decision]),
    [
      [third.call, 'granted'],
      [second.call, 'refused'],
      [first.call, 'granted'],
    ],
  )
  t.match(
    found.recordings,
    exactly(
      { id: third.recordings['service'], call: third.call, state: 'destroyed', files: none },
      { id: recording, call: first.call, purpose: 'service', state: 'held', seconds: 2.5 },
    ),
  )
  t.match(
    found.listens,
    exactly({ recording, call: first.call, by: 'anna', reason: 'a complaint', how: 'play' }),
  )
  t.equal(found.listens.length, 1)
  t.match(found.holds, exactly({ id: hold, reason: 'a claim', on: { call: first.call } }))
  t.match(found.requests, exactly({ id: request.id, dueOn: '2026-02-28' }))
})

t.test('a search is journalled, without the number', async t => {
  await sealCall(place, '+7103')
  await find('+7103')
  const row = await deps.db
    .selectFrom('event')
    .leftJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['event.data', 'event_personal.data as personal'])
    .where('type', '=', 'person.found')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  t.strictSame(row, { data: { calls: 1 }, personal: { by: 'officer', number: '+7103' } })
})

t.test('a blocked recording is neither played nor destroyed until it is unblocked', async t => {
  const { recordings, call } = await sealCall(place, '+7104')
  const recording = recordings['service']!
  const listen = { recording, reason: 'curious', how: 'open' } as const
  t.match(await blockPerson(deps, officer, { number: '+7104', ...stated }), { kept: 1, gone: 0 })
  await placeHold(deps, { on: { call }, kind: 'hold', reason: 'both', by: 'boss', expiresAt: null })
  t.match((await find('+7104')).recordings, exactly({ state: 'blocked' }), 'a block is seen before a hold')
  await t.rejects(journalListen(deps, person('anna'), listen), { code: 'rights.blocked' })
  t.match(await destroyRecordings(deps, term, [[recording]]), { destroyed: 0, held: exactly(recording) })
  t.strictSame((await find('+7104')).listens, [], 'and nobody is said to have listened')
  t.equal(await unblockPerson(deps, officer, { number: '+7104', ...stated }), 1)
  await journalListen(deps, person('anna'), listen)
  t.match((await find('+7104')).recordings, exactly({ state: 'held' }))
  await t.rejects(unblockPerson(deps, officer, { number: '+7104', ...stated }), { code: 'not-found' })
  await t.rejects(journalListen(deps, person('anna'), { ...listen, recording: newRecordingId() }), {
    code: 'not-found',
  })
})

t.test('who has not acknowledged the rules, or was not trained, hears no recording', async t => {
  const { recordings } = await sealCall(place, '+7109')
  const recording = recordings['service']!
  const config = readConfig({ CONSENTRY_DATA: t.testdir({}), CONSENTRY_IDENTITY: place.identity }, 'tool')
  const db = openDatabase(place.logSetup.consoleUrl, CONNECTION_LIMIT_MS)
  t.teardown(() => db.close())
  const opening = { ...deps, db, config }
  const { actor } = await browserOf(opening, 'maria', ['supervisor'])
  const file = join(config.data, 'call.wav')
  const open = (by: Actor) => openRecording(opening, by, { recording, reason: 'a complaint', file })
  const refused = { code: 'hearing.refused' }
  await t.rejects(open(actor), { ...refused, message: /No rules are published/ })
  const version = await publishRules(opening, officer, 'Hear only what you need.')
  await t.rejects(open(actor), { ...refused, message: /acknowledge/ })
  await acknowledgeRules(opening, actor, version)
  await t.rejects(open(actor), { ...refused, message: /training/ })
  await t.rejects(open({ name: 'crm', way: 'token', roles: ['supervisor'] }), refused)
  t.notOk(existsSync(file), 'nothing of it is written')
  t.strictSame((await find('+7109')).listens, [], 'and nobody is said to have listened')
  await recordTraining(opening, officer, 'maria', { what: 'Recordings', on: '2026-01-20' })
  await open(actor)
  t.ok(existsSync(file))
  t.match((await find('+7109')).listens, exactly({ by: 'maria' }))
  const newer = await publishRules(opening, officer, 'Hear only what you need. Tell nobody.')
  await t.rejects(open(actor), refused, 'new rules are acknowledged again')
  await acknowledgeRules(opening, actor, newer)
  await open(actor)
})

t.test(
  'after a correction, calls and holds are only under the correct number, and the log can be verified',
  async t => {
    const one = await sealCall(place, '+7105')
    const two = await sealCall(place, '+7105', { at: CALLED_AT + 60_000 })
    const own = await sealCall(place, '+7106', { at: CALLED_AT + 120_000 })
    await blockPerson(deps, officer, { number: '+7105', ...stated })
    await openRequest(deps, officer, {
      number: '+7105',
      kind: 'correction',
      law: '152-fz',
      receivedOn: '2026-06-01',
    })
    t.equal(await correctPerson(deps, officer, { number: '+7105', to: '+7106', ...stated }), 2)

    const found = await find('+7106')
    t.strictSame(
      found.calls.map(({ id, caller }) => [id, caller]),
      [own, two, one].map(({ call }) => [call, '+7106']),
    )
    t.strictSame(
      found.recordings.map(({ state }) => state),
      ['blocked', 'blocked', 'blocked'],
    )
    t.match(found.requests, exactly({ kind: 'correction', dueOn: '2026-06-10' }))
    t.strictSame((await find('+7105')).calls, [])
    const left = await deps.db.selectFrom('event_personal').select('data').execute()
    t.strictSame(
      left.filter(({ data }) => data.caller === '+7105'),
      [],
      'the wrong number is erased',
    )
    await t.rejects(correctPerson(deps, officer, { number: '+7105', to: '+7106', ...stated }), {
      code: 'not-found',
    })
    await t.rejects(correctPerson(deps, officer, { number: '+7106', to: '+7106', ...stated }), {
      code: 'rights.invalid',
    })

    const settings = logSettingsIn(place.logSetup.dir)
    await updateLog(place.logSetup.url(), settings)
    t.strictSame((await verifyDatabase(place.logSetup.url(), settings.dir)).faults, [])
    const receipt = await makeReceipt(deps.db, one.call, { log: settings.dir, personal: true })
    t.equal(receipt.statement.caller, undefined, 'a receipt no longer names the wrong number')
  },
)

t.test('the deadline of a request counts until the request is closed', async t => {
  const day = new Date().toISOString().slice(0, 10)
  const wanted = { number: '+7107', kind: 'access', law: '152-fz', receivedOn: day } as const
  const opened = await openRequest(deps, officer, wanted)
  t.ok(opened.daysLeft! >= 12 && opened.daysLeft! <= 16, 'ten working days, by the weekday')
  const late = await openRequest(deps, officer, { ...wanted, receivedOn: '2026-01-12' })
  const listed = (await listRequests(deps.db, Date.now())).filter(({ number }) => number === '+7107')
  t.strictSame(
    listed.map(({ id }) => id),
    [late.id, opened.id],
    'the most urgent first',
  )
  t.ok(listed[0]!.daysLeft! < 0)
  await closeRequest(deps, officer, late.id, 'a copy was sent')
  await t.rejects(closeRequest(deps, officer, late.id, 'again'), { code: 'not-found' })
  await t.rejects(closeRequest(deps, officer, 'x', 'again'), { code: 'not-found' })
  t.match(
    (await find('+7107')).requests,
    exactly({ daysLeft: null, outcome: 'a copy was sent' }, { id: opened.id }),
  )
  await t.rejects(openRequest(deps, officer, { ...wanted, receivedOn: '2999-01-01' }), {
    code: 'rights.invalid',
  })
})
