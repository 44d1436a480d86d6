// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// A trigger refuses rows, a lock stalls the database, and signals stop its processes.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { epochMs } from '../../lab/time.js'
import { connect } from '../../src/db/connection.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { alarmEvents, readMetric, readReadiness, waitForAlarm } from '../support/assertions/alarms.js'
import { exactly, none } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  assertStoredParts,
  assertUnrecorded,
  countEvents,
  dialAndGrant,
  dialIntoDisclosure,
  dialIntoQuestion,
  firstEvent,
  shortLine,
  timelineAfter,
  waitUntilTakesCalls,
} from '../support/lab/fault-lab.js'
import type { PlacedCall } from '../support/lab/placed-call.js'
import { BEGIN_HELD, until } from '../support/processes/database.js'

/** Time until the agent after a yes that cannot be written, ms. */
const SOON_MS = 5_000
/** How long the database does not answer, ms. The journal waits for less. */
const TROUBLE_MS = 5_000

const site = await startCallLab(t, { lines: [shortLine('301', { waitMs: 20_000 })] })
const owner = await connect(site.lab.database.adminUrl, 'test')
t.teardown(() => owner.close())

await owner.query(`create function refuse_row() returns trigger language plpgsql as $$
  begin
    if new.type = tg_argv[0] and coalesce(new.data ->> 'answer', '') = tg_argv[1] then
      raise exception 'refused by a test';
    end if;
    return new;
  end
$$`)

/** Makes the journal's table refuse such events. @returns a function that ends that */
async function refuse(type: string, answer = ''): Promise<() => Promise<unknown>> {
  await owner.query(
    `create trigger refuse before insert on event for each row execute function refuse_row('${type}', '${answer}')`,
  )
  return () => owner.query('drop trigger refuse on event')
}

/** Types of a call's events, without its end. */
const typesOf = ({ events }: CallTimeline) =>
  events.map(({ type }) => type).filter(type => type !== 'call.ended')

/** Asserts every event of a call whose caller said yes in the question while the answer could not be written. */
async function yesWasLost(t: Test, call: PlacedCall, reason: string): Promise<void> {
  const journal = await timelineAfter(call, 'call.released')
  assertUnrecorded(t, journal, reason)
  t.strictSame(typesOf(journal), [
    'call.started',
    'call.answered',
    'prompt.ended',
    'consent.asked',
    'prompt.ended',
    'consent.answered',
    'call.decided',
    'call.released',
  ])
}

t.test('a yes that the database refuses does not count, and a no beside it does', async t => {
  const [yes, no] = await Promise.all([dialIntoQuestion(site, '301'), dialIntoQuestion(site, '301')])
  const allow = await refuse('consent.answered', 'granted')
  await Promise.all([yes.caller.press('1'), no.caller.press('2')])
  await Promise.all([assertReachesAgent(t, site, yes, undefined, SOON_MS), assertReachesAgent(t, site, no)])
  await yesWasLost(t, yes, 'journal')
  t.match(await timelineAfter(no, 'call.released'), { decision: 'refused' }, 'the other caller has refused')
  await allow()
  await assertStoredParts(t, site, 0)
})

t.test('a recording that the database refuses is not made, and the yes stays in the journal', async t => {
  const allow = await refuse('recording.prepared')
  const call = await dialIntoDisclosure(site, '301')
  await call.caller.press('1')
  await assertReachesAgent(t, site, call, undefined, SOON_MS)
  const journal = await timelineAfter(call, 'call.released')
  await allow()
  t.match(journal, { decision: 'granted', recordings: none })
  t.match(firstEvent(journal, 'recording.failed'), { reason: 'journal.refused' })
  t.match(firstEvent(journal, 'call.released'), { tapped: false })
  await assertStoredParts(t, site, 0)
})

/** Asserts what happens to three calls during a stall: one says yes, one is recorded, one waits for its key. */
async function duringStall(t: Test, stall: () => Promise<() => Promise<unknown>>): Promise<void> {
  const [talking, yes, patient] = await Promise.all([
    dialAndGrant(site, '301'),
    dialIntoQuestion(site, '301'),
    dialIntoQuestion(site, '301'),
  ])
  const release = await stall()
  await yes.caller.press('1')
  await assertReachesAgent(t, site, yes, undefined, SOON_MS)
  await talking.caller.hangup()
  await pause(TROUBLE_MS)
  await release()
  await waitUntilTakesCalls(site)
  await patient.caller.press('1')
  await assertReachesAgent(t, site, patient)

  await yesWasLost(t, yes, 'journal-late')
  for (const call of [talking, patient]) {
    const journal = await call.finish()
    t.match(
      journal,
      { decision: 'granted', recordings: exactly({ state: 'finished' }) },
      'the other calls are recorded',
    )
    t.match(await site.open(journal.recordings[0]!.id), { complete: true })
    const page = journal.events.map(event => JSON.stringify(event))
    t.equal(new Set(page).size, page.length, 'nothing is journalled twice')
  }
}

t.test('a yes that waits for a lock in the database does not count', async t => {
  await duringStall(t, async () => {
    const other = await connect(site.lab.database.adminUrl, 'test')
    await other.query(BEGIN_HELD)
    await other.query('lock table event in share mode')
    return () => other.query('rollback').then(() => other.close())
  })
  await assertStoredParts(t, site, 2)
})

/** Stops the database server and its processes that serve the journal. @returns a function that continues them */
async function freeze(): Promise<() => Promise<unknown>> {
  const { rows } = await owner.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name in ('consentry journal', 'consentry answers')`,
  )
  const file = await readFile(join(site.lab.ready.data, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')
  const stopped = [Number(file.split('\n')[0]), ...rows.map(({ pid }) => pid)]
  for (const pid of stopped) process.kill(pid, 'SIGSTOP')
  return async () => {
    for (const pid of stopped) process.kill(pid, 'SIGCONT')
  }
}

t.test('a yes during a freeze of the database does not count', async t => {
  await duringStall(t, freeze)
  await assertStoredParts(t, site, 4)
})

t.test(
  'a database that freezes while a successor recovers calls does not keep callers from the agent',
  async t => {
    const asked = await dialIntoQuestion(site, '301')
    const { service } = site.lab
    const { pid } = service
    const other = await connect(site.lab.database.adminUrl, 'test')
    await other.query(BEGIN_HELD)
    await other.query('lock table recording in access exclusive mode')
    service.kill('SIGKILL')
    const killedAt = epochMs()
    const waits = `select from pg_locks where relation = 'recording'::regclass and not granted`
    await until(async () => service.pid !== pid && (await owner.query(waits)).rows.length > 0)
    const successor = service.pid
    const release = await freeze()
    await assertReachesAgent(t, site, asked, killedAt)
    await until(() => service.pid !== successor)
    await release()
    other.cut()
    await waitUntilTakesCalls(site)
    assertUnrecorded(t, await timelineAfter(asked, 'call.released'))
    t.equal(countEvents(await timelineAfter(asked, 'call.rescued'), 'call.rescued'), 1)
    await asked.finish()
  },
)

t.test('a frozen database raises an alarm even without calls', async t => {
  const before = await waitForAlarm(site, 'database-away', false)
  const release = await freeze()
  await until(async () => (await readReadiness(site)).status === 503)
  t.match(await readReadiness(site), { parts: { database: false, pbx: true, keeper: true } })
  await until(async () => (await readMetric(site, 'consentry_alarm{alarm="database-away"}')) === 1)
  await release()
  const since = async () => (await alarmEvents(site, 'database-away')).slice(before.length)
  await until(async () => (await since()).length === 2)
  t.match(await since(), exactly({ type: 'alarm.raised' }, { type: 'alarm.cleared' }))
  t.equal((await readReadiness(site)).status, 200)
  t.strictSame((await site.verify()).faults, [])
})
