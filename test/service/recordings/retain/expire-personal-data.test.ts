// Real: PostgreSQL, journal, transparency log, stores, the command. Fake: the clock, the check of the day.
import { join } from 'node:path'
import t from 'tap'
import { DAY_MS, systemClock } from '../../../../src/core/clock.js'
import { event } from '../../../../src/core/events.js'
import { type CallId, newCallId } from '../../../../src/core/ids.js'
import { sql } from '../../../../src/db/database.js'
import { placeHold, releaseHold } from '../../../../src/recordings/retain/holds.js'
import { previewPurge, runPurge } from '../../../../src/recordings/retain/run-purge.js'
import { closeRequest, openRequest } from '../../../../src/rights/requests.js'
import { exactly } from '../../../support/assertions/exactly.js'
import { person } from '../../../support/data/actors.js'
import { fillArchive } from '../../../support/data/archive.js'
import { started } from '../../../support/data/call-events.js'
import { agreedOutsider } from '../../../support/data/outsider.js'
import { told } from '../../../support/data/told-events.js'
import { CALLED_AT, sealCall, startArchiveSetup } from '../../../support/processes/archive-setup.js'
import { consentry } from '../../../support/processes/command.js'
import { logSettingsIn, updateLog, verifyDatabase } from '../../../support/processes/tlog.js'
import { withoutCommit } from '../../../support/processes/without-commit.js'

const place = await startArchiveSetup(t)
const { logSetup } = place
/** At this moment every recording of 5 October is due, and the personal data of that day is older than thirty days. */
const AT = CALLED_AT + 31 * DAY_MS
const deps = { ...place.deps, clock: { ...systemClock, now: () => AT + 2 * DAY_MS } }
const purge = (at = AT) => runPurge(deps, { at, by: 'olga' })
const hold = { kind: 'hold', reason: 'a claim', by: 'boss', expiresAt: null } as const

/** The personal parts of the events of a call. */
const personalOf = async (call: CallId): Promise<object[]> => {
  const { rows } = await sql<{ data: object }>`select p.data from event_personal p
    join event e on e.uuid = p.event where e.call_id = ${call} order by e.id`.execute(deps.db)
  return rows.map(({ data }) => data)
}
const isForgotten = async (call: CallId) => (await personalOf(call)).length === 0
const expiryEvents = () =>
  told(deps.db).where('type', '=', 'personal.expired').select('data').orderBy('id').execute()
const statistics = async () => {
  const { rows } = await sql`select line, decision, date(started_at)::text as day, count(*)::int as calls
    from call group by 1, 2, 3 order by 1, 2, 3`.execute(deps.db)
  return rows
}
const answers = (answer: 'refused' | 'silent') => ({ answers: { service: answer } })

t.test(
  'personal data is erased when its retention is over, and the journal can still be verified',
  async t => {
    const refused = await sealCall(place, '+79160000001', answers('refused'))
    const silent = await sealCall(place, '+79160000002', answers('silent'))
    const recorded = await sealCall(place, '+79160000003')
    const unknown = newCallId()
    const dialled = {
      ...started(unknown, '+79160000004', CALLED_AT),
      personal: { caller: '1', dialled: '2' },
    }
    await deps.journal.append([dialled, event('call.unknown-line', unknown, CALLED_AT, {})], 60_000)
    const young = await sealCall(place, '+79160000005', { ...answers('refused'), at: AT - 29 * DAY_MS })
    const all = [refused.call, silent.call, recorded.call, unknown]
    for (const call of [...all, young.call]) t.notOk(await isForgotten(call))
    const counted = await statistics()
    t.match(await previewPurge(deps.db, { at: AT, personalDays: 30 }), { due: 1, forgotten: 4 })
    t.match(await previewPurge(deps.db, { at: AT, personalDays: 32 }), { due: 1, forgotten: 0 })
    t.strictSame(await expiryEvents(), [], 'a preview erases nothing')

    t.match(await purge(), { destroyed: 1, forgotten: 4 })
    for (const call of all) t.ok(await isForgotten(call), 'numbers, keys and salts are gone')
    t.strictSame(await personalOf(young.call), [{ caller: '+79160000005' }, { digit: '2' }])
    t.strictSame(await statistics(), counted, 'what was counted still counts')
    const before = new Date(AT - 30 * DAY_MS).toISOString()
    t.match(await expiryEvents(), exactly({ data: { by: 'olga', before, calls: 4, rows: 7 } }))
    const act = await deps.db.selectFrom('act_item').select('person').execute()
    t.strictSame(act, [{ person: '********0003' }], 'the act says whose recording it was, masked')
    await updateLog(logSetup.url(), logSettingsIn(logSetup.dir))
    t.strictSame(
      (await verifyDatabase(logSetup.url(), logSettingsIn(logSetup.dir).dir)).faults,
      [],
      'the journal verifies',
    )

    t.match(await purge(), { forgotten: 0 })
    t.equal((await expiryEvents()).length, 1, 'a run that erases nothing writes no event')
  },
)

t.test('recordings, holds, blocks and open requests keep personal data', async t => {
  const numbers = ['+79160000011', '+79160000012', '+79160000013', '+79160000014', '+79160000015']
  const [ofNumber, blocked, ofCall, asks, recorded] = await Promise.all(
    numbers.map((number, i) => sealCall(place, number, i < 4 ? answers('refused') : {})),
  )
  const calls = [ofNumber, blocked, ofCall, asks, recorded].map(one => one!.call)
  const other = await sealCall(place, '+79160000016', { ...answers('refused'), at: CALLED_AT + DAY_MS })
  const day = { from: new Date(CALLED_AT + DAY_MS - 60_000), to: new Date(CALLED_AT + DAY_MS + 60_000) }
  const holds = [
    await placeHold(deps, { ...hold, on: { number: numbers[0]! } }),
    await placeHold(deps, { ...hold, kind: 'block', on: { number: numbers[1]! } }),
    await placeHold(deps, { ...hold, on: { call: ofCall!.call } }),
    await placeHold(deps, { ...hold, on: { recording: recorded!.recordings['service']! } }),
    await placeHold(deps, { ...hold, on: day }),
  ]
  const wanted = { number: numbers[3]!, kind: 'access', law: '152-fz' } as const
  const { id: request } = await openRequest(deps, person('x'), { ...wanted, receivedOn: '2026-10-20' })
  t.match(await previewPurge(deps.db, { at: AT, personalDays: 1 }), { held: 1, forgotten: 1 })
  t.match(await purge(), { destroyed: 0, forgotten: 0, held: 1 })
  for (const call of [...calls, other.call]) t.notOk(await isForgotten(call))

  for (const [i, { hold: id }] of holds.entries())
    await releaseHold(deps, id, { kind: i === 1 ? 'block' : 'hold', reason: 'settled', by: 'boss' })
  await closeRequest(deps, person('x'), request, 'answered')
  t.match(await purge(), { destroyed: 1, forgotten: 6 - 1 }, 'the day after is not past its term yet')
  for (const call of calls) t.ok(await isForgotten(call))
  t.match(await purge(AT + DAY_MS), { forgotten: 1 })
})

t.test(
  'whoever is heard in a recording of another caller keeps a number as long as that is kept',
  async t => {
    const { call, recordings } = await sealCall(place, '+79160000017')
    const other = agreedOutsider(call, '+79160000018', CALLED_AT + 10_500)
    await deps.journal.append(other.events, 60_000)
    const placed = await placeHold(deps, { ...hold, on: { recording: recordings['service']! } })
    t.match(await previewPurge(deps.db, { at: AT, personalDays: 30 }), { held: 1, forgotten: 0 })
    t.match(await purge(), { destroyed: 0, forgotten: 0 })
    t.notOk(await isForgotten(other.call))
    await releaseHold(deps, placed.hold, { kind: 'hold', reason: 'settled', by: 'boss' })
    t.match(await previewPurge(deps.db, { at: AT, personalDays: 30 }), { due: 1, forgotten: 2 })
    t.match(await purge(), { destroyed: 1, forgotten: 2 })
    t.ok(await isForgotten(other.call))
  },
)

t.test('of an erasure there are event and deletion, or neither, and then the next run erases', async t => {
  const { call } = await sealCall(place, '+79160000021', answers('refused'))
  const before = await expiryEvents()
  const owner = await logSetup.superuser()
  await withoutCommit(t, owner, 'call', () => purge())
  owner.cut()
  t.notOk(await isForgotten(call))
  t.strictSame(await expiryEvents(), before, 'no event says that it was erased')
  t.match(await purge(), { forgotten: 1 })
  t.ok(await isForgotten(call))
  t.equal((await expiryEvents()).length, before.length + 1)
})

t.test('many calls are erased in batches, and the command takes the retention from the setting', async t => {
  const filled = { count: 12_000, files: false, state: 'destroyed', preparedAt: `now() - interval '40 days'` }
  await fillArchive(place, logSetup.adminUrl, filled)
  const env = {
    DATABASE_URL: logSetup.url(),
    CONSENTRY_DATA: join(logSetup.dir, 'data'),
    CONSENTRY_STORE: `file:${place.store}`,
    CONSENTRY_KEYSTORE: place.keys.map(folder => `file:${folder}`).join(','),
  }
  const json = async (days: string, ...args: string[]) => {
    const { out, err } = await consentry(
      { ...env, CONSENTRY_PERSONAL_DAYS: days },
      'purge',
      '--json',
      ...args,
    )
    t.equal(err, '')
    return JSON.parse(out) as { forgotten: number }
  }
  const earlier = (await expiryEvents()).length
  t.match(await json('3000', '--dry-run'), { forgotten: 0 })
  const { forgotten } = await json('', '--dry-run')
  t.ok(forgotten >= 12_000)
  const of = performance.now()
  t.match(await json(''), { forgotten })
  t.comment(`${forgotten} calls were forgotten within ${Math.round(performance.now() - of)} ms`)
  const events = (await expiryEvents()).slice(earlier)
  t.ok(events.length >= 3, 'each batch has an event')
  t.equal(
    events.reduce((sum, { data }) => sum + Number(data['calls']), 0),
    forgotten,
  )
  const { rows } = await sql<{ left: number }>`select count(*) as left from event_personal p
    join event e on e.uuid = p.event where e.call_id is not null and e.at < now() - interval '31 days'`.execute(
    deps.db,
  )
  t.strictSame(rows, [{ left: 0 }])
})
