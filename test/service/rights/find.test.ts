import t from 'tap'
import { destroyRecordings } from '../../../src/destruction/destroy.js'
import { makeReceipt } from '../../../src/receipt/make-receipt.js'
import { placeHold } from '../../../src/retention/holds.js'
import { blockPerson, unblockPerson } from '../../../src/rights/block.js'
import { correctPerson } from '../../../src/rights/correct.js'
import { findPerson } from '../../../src/rights/find.js'
import { journalListen } from '../../../src/rights/listens.js'
import { closeRequest, listRequests, openRequest } from '../../../src/rights/requests.js'
import { newRecordingId } from '../../../src/shared/ids.js'
import { CALLED_AT, sealCall, startArchiveSetup } from '../../support/processes/archive-setup.js'
import { logSettingsIn, updateLog, verifyDatabase } from '../../support/processes/tlog.js'

// Real: PostgreSQL, journal and log, key store, disk store, sealed containers. Nothing is fake.

const place = await startArchiveSetup(t)
const { deps } = place
const find = (number: string) => findPerson(deps, number, 'officer')
const term = { cause: 'term', reason: 'test', by: 'test' } as const
const stated = { reason: 'asked in writing', by: 'officer' }

t.test('a number that never called has no results', async t => {
  const nothing = { calls: [], recordings: [], listens: [], requests: [], holds: [], incidents: [] }
  t.strictSame(await find('+7100'), { number: '+7100', ...nothing })
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
  await journalListen(deps, { recording, by: 'anna', reason: 'a complaint', how: 'play' })
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
    by: 'officer',
  } as const
  const request = await openRequest(deps, wanted)

  const found = await find('+7101')
  t.strictSame(
    found.calls.map(({ id, decision }) => [id, decision]),
    [
      [third.call, 'granted'],
      [second.call, 'refused'],
      [first.call, 'granted'],
    ],
  )
  t.match(found.recordings, [
    { id: third.recordings['service'], call: third.call, state: 'destroyed', files: [] },
    { id: recording, call: first.call, purpose: 'service', state: 'held', seconds: 2.5 },
  ])
  t.match(found.listens, [{ recording, call: first.call, by: 'anna', reason: 'a complaint', how: 'play' }])
  t.equal(found.listens.length, 1)
  t.match(found.holds, [{ id: hold, reason: 'a claim', on: { call: first.call } }])
  t.match(found.requests, [{ id: request.id, dueOn: '2026-02-28' }])
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
  t.strictSame(row, { data: { by: 'officer', calls: 1 }, personal: { number: '+7103' } })
})

t.test('a blocked recording is neither played nor destroyed until it is unblocked', async t => {
  const { recordings, call } = await sealCall(place, '+7104')
  const recording = recordings['service']!
  const listen = { recording, by: 'anna', reason: 'curious', how: 'open' } as const
  t.match(await blockPerson(deps, { number: '+7104', ...stated }), { kept: 1, gone: 0 })
  await placeHold(deps, { on: { call }, kind: 'hold', reason: 'both', by: 'boss', expiresAt: null })
  t.match((await find('+7104')).recordings, [{ state: 'blocked' }], 'a block is seen before a hold')
  await t.rejects(journalListen(deps, listen), { code: 'rights.blocked' })
  t.match(await destroyRecordings(deps, term, [[recording]]), { destroyed: 0, held: [recording] })
  t.strictSame((await find('+7104')).listens, [], 'and nobody is said to have listened')
  t.equal(await unblockPerson(deps, { number: '+7104', ...stated }), 1)
  await journalListen(deps, listen)
  t.match((await find('+7104')).recordings, [{ state: 'held' }])
  await t.rejects(unblockPerson(deps, { number: '+7104', ...stated }), { code: 'not-found' })
  await t.rejects(journalListen(deps, { ...listen, recording: newRecordingId() }), { code: 'not-found' })
})

t.test(
  'after a correction, calls and holds are only under the correct number, and the log can be verified',
  async t => {
    const one = await sealCall(place, '+7105')
    const two = await sealCall(place, '+7105', { at: CALLED_AT + 60_000 })
    const own = await sealCall(place, '+7106', { at: CALLED_AT + 120_000 })
    await blockPerson(deps, { number: '+7105', ...stated })
    await openRequest(deps, {
      number: '+7105',
      kind: 'correction',
      law: '152-fz',
      receivedOn: '2026-06-01',
      by: 'x',
    })
    t.equal(await correctPerson(deps, { number: '+7105', to: '+7106', ...stated }), 2)

    const found = await find('+7106')
    t.strictSame(
      found.calls.map(({ id, caller }) => [id, caller]),
      [own, two, one].map(({ call }) => [call, '+7106']),
    )
    t.strictSame(
      found.recordings.map(({ state }) => state),
      ['blocked', 'blocked', 'blocked'],
    )
    t.match(found.requests, [{ kind: 'correction', dueOn: '2026-06-10' }])
    t.strictSame((await find('+7105')).calls, [])
    const left = await deps.db.selectFrom('event_personal').select('data').execute()
    t.strictSame(
      left.filter(({ data }) => data.caller === '+7105'),
      [],
      'the wrong number is erased',
    )
    await t.rejects(correctPerson(deps, { number: '+7105', to: '+7106', ...stated }), { code: 'not-found' })
    await t.rejects(correctPerson(deps, { number: '+7106', to: '+7106', ...stated }), {
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
  const wanted = { number: '+7107', kind: 'access', law: '152-fz', receivedOn: day, by: 'officer' } as const
  const opened = await openRequest(deps, wanted)
  t.ok(opened.daysLeft! >= 14 && opened.daysLeft! <= 16, 'two weeks, by the weekday')
  const late = await openRequest(deps, { ...wanted, receivedOn: '2026-01-12' })
  const listed = (await listRequests(deps.db, Date.now())).filter(({ number }) => number === '+7107')
  t.strictSame(
    listed.map(({ id }) => id),
    [late.id, opened.id],
    'the most urgent first',
  )
  t.ok(listed[0]!.daysLeft! < 0)
  await closeRequest(deps, late.id, { outcome: 'a copy was sent', by: 'officer' })
  await t.rejects(closeRequest(deps, late.id, { outcome: 'again', by: 'officer' }), { code: 'not-found' })
  await t.rejects(closeRequest(deps, 'x', { outcome: 'again', by: 'officer' }), { code: 'not-found' })
  t.match((await find('+7107')).requests, [{ daysLeft: null, outcome: 'a copy was sent' }, { id: opened.id }])
  await t.rejects(openRequest(deps, { ...wanted, receivedOn: '2999-01-01' }), { code: 'rights.invalid' })
})
