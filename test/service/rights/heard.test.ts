// Real: PostgreSQL, journal, key store, disk store, sealed containers. Fake: none.
import t from 'tap'
import { event } from '../../../src/core/events.js'
import { newRecordingId } from '../../../src/core/ids.js'
import { placeHold, releaseHold } from '../../../src/recordings/retain/holds.js'
import { findPerson } from '../../../src/rights/collect-person.js'
import { destroyRecording } from '../../../src/rights/destroy-recording.js'
import { erasePerson } from '../../../src/rights/erase-person.js'
import { listOpenRequests } from '../../../src/rights/requests.js'
import { listWithdrawnElsewhere } from '../../../src/rights/withdrawn-elsewhere.js'
import { exactly, none } from '../../support/assertions/exactly.js'
import { person } from '../../support/data/actors.js'
import { agreedOutsider, withdrew } from '../../support/data/outsider.js'
import { CALLED_AT, sealCall, startArchiveSetup } from '../../support/processes/archive-setup.js'

const place = await startArchiveSetup(t)
const { deps } = place
const officer = person('officer')
const stated = { reason: 'asked in writing' }
const find = (number: string) => findPerson(deps, officer, number)
const iso = (ms: number) => new Date(CALLED_AT + ms).toISOString()
const append = (events: Parameters<typeof deps.journal.append>[0]) => deps.journal.append(events, 60_000)
const undecided = async () => (await listOpenRequests(deps)).withdrawn
/** The recording lasts from 10 s to 25 s after the beginning of its call. */
const JOINED = CALLED_AT + 10_500

/** A recorded caller, and somebody who joined and agreed. */
async function together(caller: string, outsider: string) {
  const recorded = await sealCall(place, caller)
  const other = agreedOutsider(recorded.call, outsider, JOINED)
  await append(other.events)
  return { recorded, recording: recorded.recordings['service']!, joined: other.call }
}

t.test('whoever is heard in a recording of another caller is found there, with the times', async t => {
  const { recorded, recording, joined } = await together('+7301', '+7302')
  const found = await find('+7302')
  t.strictSame(found.recordings, [], 'it is no recording of this person')
  t.strictSame(found.heardIn, [
    {
      recording,
      call: recorded.call,
      heard: joined,
      purpose: 'service',
      state: 'finished',
      intervals: [{ from: iso(11_500), to: iso(13_500) }],
    },
  ])
  t.strictSame((await find('+7301')).heardIn, [], 'whose recording it is has it as their own')
  await append([
    event('recording.paused', recorded.call, CALLED_AT + 12_000, {
      recording,
      by: 'agent',
      caller: 0,
      agent: 0,
    }),
    event('recording.resumed', recorded.call, CALLED_AT + 12_500, {
      recording,
      by: 'agent',
      caller: 0,
      agent: 0,
    }),
  ])
  t.match(
    (await find('+7302')).heardIn[0]!.intervals,
    exactly({ from: iso(11_500), to: iso(12_000) }, { from: iso(12_500), to: iso(13_500) }),
    'a pause is left out',
  )
})

t.test('two recorded callers in one conference are heard in the recordings of each other', async t => {
  const [one, other] = [await sealCall(place, '+7303'), await sealCall(place, '+7304')]
  const met = (of: typeof one, party: typeof one) => [
    event('call.party-joined', of.call, CALLED_AT + 12_000, { party: party.call, agreed: true }),
    event('call.party-left', of.call, CALLED_AT + 40_000, { party: null }),
  ]
  await append([...met(one, other), ...met(other, one)])
  const times = { intervals: exactly({ from: iso(12_000), to: iso(25_000) }) }
  t.match(await find('+7303'), {
    recordings: exactly({ id: one.recordings['service'] }),
    heardIn: exactly({ recording: other.recordings['service'], call: other.call, heard: one.call, ...times }),
  })
  t.match((await find('+7304')).heardIn, exactly({ recording: one.recordings['service'], ...times }))
})

t.test('whoever did not agree is in no recording of another caller', async t => {
  const { call } = await sealCall(place, '+7305')
  const other = await sealCall(place, '+7306', { answers: { service: 'refused' } })
  await append([
    event('call.party-joined', call, CALLED_AT + 11_000, { party: other.call, agreed: false }),
    event('call.party-left', call, CALLED_AT + 13_000, { party: other.call }),
  ])
  t.strictSame((await find('+7306')).heardIn, [])
})

t.test('a withdrawal waits for a decision about the recordings of others, with a deadline', async t => {
  const { recorded, recording, joined } = await together('+7307', '+7308')
  t.strictSame(await undecided(), [], 'nobody has withdrawn')
  await append([withdrew(joined, CALLED_AT + 13_000)])
  const times = exactly({ from: iso(11_500), to: iso(13_000) })
  const waiting = { call: joined, number: '+7308', withdrawnAt: iso(13_000), dueOn: '2026-10-19' }
  const listed = exactly({ ...waiting, recordings: exactly({ recording, intervals: times }) })
  t.match(await undecided(), listed, 'ten working days, and nothing is heard after the withdrawal')
  t.match((await find('+7308')).heardIn, exactly({ recording, withdrawnAt: iso(13_000), intervals: times }))
  t.match(await listWithdrawnElsewhere(deps.db, Date.UTC(2026, 9, 20)), exactly({ daysLeft: -1 }))
  const wanted = { kind: 'hold', reason: 'a claim', by: 'boss', expiresAt: null, on: { recording } } as const
  const { hold } = await placeHold(deps, wanted)
  t.strictSame(await undecided(), [], 'a hold is the decision to keep it')
  t.match((await find('+7308')).heardIn, exactly({ state: 'held' }))
  await t.rejects(destroyRecording(deps, officer, { recording, ...stated }), { code: 'rights.held' })
  await releaseHold(deps, hold, { kind: 'hold', reason: 'settled', by: 'boss' })
  t.match(await undecided(), listed, 'it waits again')

  const done = await destroyRecording(deps, officer, { recording, ...stated })
  t.match(done, { recording, act: String })
  t.strictSame(await undecided(), [])
  t.match((await find('+7308')).heardIn, exactly({ state: 'destroyed' }))
  const act = await deps.db
    .selectFrom('act')
    .selectAll()
    .where('id', '=', done.act!)
    .executeTakeFirstOrThrow()
  t.match(act, { cause: 'erasure', reason: 'asked in writing', by: 'officer' })
  const items = await deps.db
    .selectFrom('act_item')
    .select(['recording', 'person'])
    .where('act', '=', act.id)
    .execute()
  t.strictSame(items, [{ recording, person: '*7307' }], 'the act says whose recording it was, masked')
  t.match((await find('+7307')).calls, exactly({ id: recorded.call }))
})

t.test('after a withdrawal on a line that keeps what was recorded nothing waits', async t => {
  const { joined } = await together('+7309', '+7310')
  await append([withdrew(joined, CALLED_AT + 13_000, true)])
  t.strictSame(await undecided(), [])
  t.match((await find('+7310')).heardIn, exactly({ intervals: exactly({ to: iso(13_000) }) }))
  t.notOk('withdrawnAt' in (await find('+7310')).heardIn[0]!)
})

t.test('an erasure leaves a call whose person is heard elsewhere, until somebody has decided', async t => {
  const { recording, joined } = await together('+7311', '+7312')
  const erase = () => erasePerson(deps, officer, { number: '+7312', ...stated })
  const stays = exactly({ call: joined, why: 'heard', recordings: none, heardIn: exactly(recording) })
  t.match(await erase(), { calls: 0, recordings: 0, stays })
  t.equal((await find('+7312')).calls.length, 1, 'the number still finds it')
  await destroyRecording(deps, officer, { recording, ...stated })
  t.match(await erase(), { calls: 1, stays: none })
  t.equal((await find('+7312')).calls.length, 0)
})

t.test('a recording that is not there, or still goes on, is not destroyed', async t => {
  const destroy = (recording: string) => destroyRecording(deps, officer, { recording, ...stated })
  for (const recording of [newRecordingId(), 'nonsense'])
    await t.rejects(destroy(recording), { code: 'not-found' })
  const running = await sealCall(place, '+7313', { running: true, at: Date.now() - 60_000 })
  const recording = running.recordings['service']!
  t.match(await destroy(recording), { recording, act: null, why: 'running' })
  const { revoked_at } = await deps.db
    .selectFrom('recording')
    .select('revoked_at')
    .where('id', '=', recording)
    .executeTakeFirstOrThrow()
  t.ok(revoked_at, 'it is due from now on')
  await sealCall(place, '+7314').then(({ recordings }) => destroy(recordings['service']!))
  const gone = (await find('+7314')).recordings[0]!
  t.equal(gone.state, 'destroyed')
  await t.rejects(destroy(gone.id), { code: 'not-found' })
})
