// Real: PostgreSQL with the console's and the service's role, the journal, stores and keys on disk, notifications.
// Fake: the clock of some publishers, and the check of the current day.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import type { Config } from '../../../src/config/config.js'
import type { Actor } from '../../../src/core/actor.js'
import { systemClock } from '../../../src/core/clock.js'
import { openDatabase } from '../../../src/db/database.js'
import { changeLines } from '../../../src/lines/change-lines.js'
import { approveDraft, requestApproval } from '../../../src/lines/drafts/approve-draft.js'
import { beginDraft, changeDraft, discardDraft } from '../../../src/lines/drafts/edit-draft.js'
import { publishDraft } from '../../../src/lines/drafts/publish-draft.js'
import { type PublishDueDeps, publishDue } from '../../../src/lines/drafts/publish-due.js'
import { cancelSchedule, scheduleDraft } from '../../../src/lines/drafts/schedule-draft.js'
import { draftInEnglish, readDraft } from '../../../src/lines/drafts/show-draft.js'
import { startLineBook } from '../../../src/lines/line-book.js'
import { listVersions } from '../../../src/lines/line-versions.js'
import { startLinePublisher } from '../../../src/main/publish-lines.js'
import type { ClockDoubt } from '../../../src/recordings/retain/day-check.js'
import { readAttention } from '../../../src/site/attention.js'
import { person } from '../../support/data/actors.js'
import { startTestJournal } from '../../support/data/journal.js'
import { toldEvents } from '../../support/data/told-events.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { testConsole } from '../../support/processes/console.js'
import { silent, until } from '../../support/processes/database.js'

const { deps, serviceUrl } = await testConsole(t)
const anna: Actor = { name: 'anna', way: 'token', roles: ['administrator'] }
const boris: Actor = { ...anna, name: 'boris' }
/** Only a person approves. */
const inPerson = (actor: Actor): Actor => ({ ...actor, way: 'console' })
const line = labLines[1]!
const HOUR_MS = 3_600_000
const certain = { check: async (): Promise<ClockDoubt | undefined> => undefined }

/** What one service publishes with: its own connections, with the service's role. */
function service(changes: Partial<PublishDueDeps> = {}) {
  const db = openDatabase(serviceUrl, CONNECTION_LIMIT_MS)
  t.teardown(() => db.close())
  return { ...deps, db, journal: startTestJournal(t, serviceUrl), log: silent, day: certain, ...changes }
}

/** An hour ago, so that a draft can be scheduled for the present moment. */
const early = { ...deps, clock: new FakeClock(Date.now() - HOUR_MS) }

/** A draft of a new line, scheduled for so many ms from now. */
async function scheduled(number: string, ms: number, policy: object = {}) {
  const draft = await beginDraft(deps, anna, { line: number, input: { ...line, number, ...policy } })
  const seen = { draft: draft.id, revision: 1 }
  await scheduleDraft(early, boris, { ...seen, publishAt: new Date(Date.now() + ms) })
  return seen
}

const stateOf = async (draft: string) => (await readDraft(deps, draft)).state
const eventsOf = async (type: 'line.changed' | 'line.publication-failed', draft: string) => {
  const rows = await toldEvents(deps.db, type)
  return rows.flatMap(({ data }) =>
    data['draft'] === draft || (data['draft'] as { id?: string } | undefined)?.id === draft ? [data] : [],
  )
}
const isDue = (seen: { draft: string }) =>
  until(async () => Date.now() >= Date.parse((await readDraft(deps, seen.draft)).scheduled!.at))

t.test('a draft is published at its time, once, by two services at once, and calls get it', async t => {
  const book = await startLineBook(deps.db, silent)
  t.teardown(() => book.stop())
  const publishers = [service(), service()].map(own => startLinePublisher(own))
  t.teardown(() => Promise.all(publishers.map(one => one.stop())))
  const seen = await scheduled('700', 1_000)
  await until(() => book.find('700') !== undefined)
  const at = Date.parse((await readDraft(deps, seen.draft)).scheduled!.at)
  const [changed, ...more] = await eventsOf('line.changed', seen.draft)
  t.strictSame(more, [])
  t.match(changed, {
    by: 'boris',
    way: 'token',
    draft: { revision: 1, publishAt: new Date(at).toISOString() },
  })
  const { lateMs } = changed!['draft'] as { lateMs: number }
  t.ok(lateMs >= 0)
  t.equal((await listVersions(deps, '700')).length, 1)
  const { at: made } = (await listVersions(deps, '700'))[0]!
  t.ok(Date.parse(made) >= at, 'not before its time')
})

t.test('what came due while no service ran is published at the start, with how late that is', async t => {
  const seen = await scheduled('701', 0)
  await isDue(seen)
  const publisher = startLinePublisher(service({ clock: new FakeClock(Date.now() + 5_000) }))
  t.teardown(() => publisher.stop())
  await until(async () => (await stateOf(seen.draft)) === 'published')
  const [changed] = await eventsOf('line.changed', seen.draft)
  t.ok((changed!['draft'] as { lateMs: number }).lateMs >= 4_000)
})

t.test('a clock that is ahead, behind or in doubt publishes nothing', async t => {
  const seen = await scheduled('702', HOUR_MS)
  await publishDue(service({ clock: new FakeClock(Date.now() + 2 * HOUR_MS) }))
  t.equal(await stateOf(seen.draft), 'scheduled', "PostgreSQL's clock says that it is not due")

  const soon = await scheduled('703', 0)
  await isDue(soon)
  const clock = new FakeClock(Date.now() - HOUR_MS)
  const behind = service({ clock })
  await publishDue(behind)
  t.equal(await stateOf(soon.draft), 'scheduled', "the service's clock says that it is not due")
  clock.moveWallClock(HOUR_MS + 1_000)
  const doubt: ClockDoubt = { kind: 'journal', detail: 'no events for a week', at: Date.now() }
  await publishDue({ ...behind, day: { check: async () => doubt } })
  t.equal(await stateOf(soon.draft), 'scheduled', 'the day is not certain')
  await publishDue(behind)
  t.equal(await stateOf(soon.draft), 'published')
})

t.test('the publisher waits for the next time by its clock', async t => {
  const clock = new FakeClock(Date.now() - HOUR_MS)
  const publisher = startLinePublisher(service({ clock }))
  t.teardown(() => publisher.stop())
  const seen = await scheduled('704', 0)
  await isDue(seen)
  await until(() => clock.timers > 0)
  await clock.advanceAndWait(20_000)
  t.equal(await stateOf(seen.draft), 'scheduled')
  clock.moveWallClock(HOUR_MS)
  await until(async () => {
    clock.advance(11_000)
    return (await stateOf(seen.draft)) === 'published'
  })
})

t.test(
  'a draft that cannot be published any more stays without a schedule, and the journal says why',
  async t => {
    await changeLines(deps, person('clara'), { ...line, number: '705' })
    const seen = await scheduled('705', 0, { waitMs: 3_000 })
    await changeLines(deps, person('clara'), { ...line, number: '705', waitMs: 4_000 })
    await isDue(seen)
    const own = service()
    await publishDue(own)
    t.match(draftInEnglish(await readDraft(deps, seen.draft)), {
      ...{ state: 'open', scheduled: null, revision: 1 },
      failure: { reason: /has changed since.*\n.*Callers have 4 seconds/ },
    })
    t.match(await eventsOf('line.publication-failed', seen.draft), {
      length: 1,
      0: { by: 'boris', way: 'token', line: '705', revision: 1, code: 'request.conflict', reason: /Rebase/ },
    })
    await publishDue(own)
    t.equal((await eventsOf('line.publication-failed', seen.draft)).length, 1, 'it is not tried again')
    t.equal((await listVersions(deps, '705'))[0]?.version, 2)
    await changeDraft(deps, boris, { ...seen, input: { ...line, number: '705', waitMs: 3_500 } })
    const failed = async () => (await readAttention(deps)).failures.map(({ line }) => line)
    t.strictSame(await failed(), ['705'], 'it needs somebody, also after it was edited')
    await discardDraft(deps, boris, { ...seen, revision: 2 })
    t.strictSame(await failed(), [], 'until it is discarded or published')

    // A purpose without a place: the recording host has other stores than the console.
    const unplaced = await scheduled('706', 0)
    await isDue(unplaced)
    const store = { ...own.store, accepts: () => false } as unknown as typeof own.store
    await publishDue({ ...own, store })
    t.match(await eventsOf('line.publication-failed', unplaced.draft), {
      0: { code: 'policy.invalid', reason: /purposes: There is no place/ },
    })
  },
)

t.test(
  'an approval that is required since then is missing at the time; one that was given stays',
  async t => {
    const own = service()
    const required = { ...own, config: { ...own.config, lineApproval: 'required' } as Config }
    const unapproved = await scheduled('707', 0)
    const { id } = await beginDraft(deps, anna, { line: '708', input: { ...line, number: '708' } })
    const approved = { draft: id, revision: 1 }
    await t.rejects(
      scheduleDraft(required, anna, { ...approved, publishAt: new Date(Date.now() + HOUR_MS) }),
      { code: 'approval.required' },
    )
    await requestApproval(required, anna, approved)
    await approveDraft(required, inPerson(boris), approved)
    await scheduleDraft({ ...required, clock: early.clock }, anna, { ...approved, publishAt: new Date() })
    await isDue(unapproved)
    await isDue(approved)
    await publishDue(required)
    t.match(await eventsOf('line.publication-failed', unapproved.draft), { 0: { code: 'approval.required' } })
    t.match(await eventsOf('line.changed', id), {
      length: 1,
      0: { by: 'anna', draft: { approvedBy: 'boris' } },
    })
  },
)

t.test('while the journal is away a draft stays scheduled, and is published afterwards', async t => {
  const seen = await scheduled('709', 0)
  await isDue(seen)
  const own = service()
  const away = { append: async () => Promise.reject(new Error('away')), note() {} }
  await publishDue({ ...own, journal: away })
  t.equal(await stateOf(seen.draft), 'scheduled')
  await publishDue(own)
  t.equal(await stateOf(seen.draft), 'published')
})

t.test('a schedule is cancelled, and a time that cannot be meant is refused', async t => {
  const seen = await scheduled('710', HOUR_MS)
  await t.rejects(publishDraft(deps, anna, seen), {
    code: 'request.conflict',
    message: /Cancel its schedule/,
  })
  await t.rejects(changeDraft(deps, anna, { ...seen, input: {} }), { code: 'request.conflict' })
  const again = { ...seen, publishAt: new Date(Date.now() + HOUR_MS) }
  await t.rejects(scheduleDraft(deps, anna, again), { code: 'request.conflict' })
  t.match(await cancelSchedule(deps, anna, seen), { state: 'open', scheduled: null })
  await t.rejects(cancelSchedule(deps, anna, seen), { code: 'request.conflict' })
  for (const ms of [-1_000, 400 * 24 * HOUR_MS])
    await t.rejects(scheduleDraft(deps, anna, { ...seen, publishAt: new Date(systemClock.now() + ms) }), {
      code: 'request.invalid',
    })
  t.match(await publishDraft(deps, anna, seen), { line: { number: '710', version: 1 } })
})
