// Real: everything. PostgreSQL is stopped under calls and started again on the same data; the service is killed in between.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { epochMs } from '../../lab/time.js'
import { waitUntilHeard } from '../support/assertions/heard-words.js'
import { promptSamples, startCallLab, storedFiles } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  assertUnrecorded,
  countEvents,
  dialAndGrant,
  dialIntoDisclosure,
  dialIntoQuestion,
  longLine,
  shortLine,
  timelineAfter,
  waitUntilTakesCalls,
} from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { assertTalkComplete, startTalk } from '../support/lab/unbroken-talk.js'
import { consentry } from '../support/processes/command.js'
import { until } from '../support/processes/database.js'

const LONG = process.env['CONSENTRY_TEST_LONG'] === '1'
/** How long PostgreSQL is away, ms. */
const AWAY_MS = LONG ? 60_000 : 8_000
/** Between new calls in that time, ms. */
const CALL_MS = 2_000
/** What can be said before, while and after it is away, ms. */
const TALK_MS = AWAY_MS + 90_000

const site = await startCallLab(t, { lines: [shortLine('301', { waitMs: 30_000 }), longLine('302')] })
const { service, database, ready } = site.lab
const spool = join(ready.data, 'spool', 'events')
const spooled = () => (existsSync(spool) ? readFileSync(spool, 'utf8') : '')

/** What the service says of itself. */
const ask = async (page: string) =>
  (await (await fetch(`${ready.http}/${page}`)).json()) as {
    parts: { database: boolean }
    spooled: number
    dropped: number
  }

/** PostgreSQL is no more, and the service knows. @returns when it was, epoch ms */
async function stopDatabase(): Promise<number> {
  await database.stop()
  await until(async () => !(await ask('readyz')).parts.database)
  return epochMs()
}

/** Asserts that no event of a call is in the journal twice. */
async function isEnteredOnce(t: Test, call: PlacedCall): Promise<void> {
  const { events } = (await call.read())!
  const page = events.map(event => JSON.stringify(event))
  t.equal(new Set(page).size, page.length, 'nothing is journalled twice')
}

/** A call that said yes in the disclosure while no yes could be written: all of its page. */
async function yesWasLost(t: Test, call: PlacedCall): Promise<void> {
  await call.caller.hangup()
  const journal = await timelineAfter(call, 'call.released')
  assertUnrecorded(t, journal, 'journal')
  t.strictSame(
    // The PBX does not tell of the end of a call that it has back.
    journal.events.map(({ type }) => type).filter(type => type !== 'call.ended'),
    ['call.started', 'call.answered', 'prompt.ended', 'consent.answered', 'call.decided', 'call.released'],
  )
  await isEnteredOnce(t, call)
}

/** What the journal says of each time without the database. */
const told = async () =>
  (
    await site.db
      .selectFrom('event')
      .select('data')
      .where('type', '=', 'journal.caught-up')
      .orderBy('id')
      .execute()
  ).map(({ data }) => data)

t.test(`PostgreSQL is away for ${AWAY_MS / 1_000} s under calls`, async t => {
  const [talking, leaving, revoking, inQuestion] = await Promise.all([
    startTalk(site, TALK_MS),
    startTalk(site, TALK_MS),
    // Whose keys would wait behind a voice. The agent's sentence must be over before another one can be told from it.
    dialAndGrant(site, '301').then(call => call.waitForAgent().then(() => call)),
    dialIntoQuestion(site, '301'),
  ])
  const goneAt = await stopDatabase()
  const { keys } = await storedFiles(site)
  const pressedAt = await inQuestion.caller.press('1')
  await revoking.caller.press('*')
  const revokedAt = await revoking.caller.press('9')
  await leaving.caller.hangup()
  await assertReachesAgent(t, site, inQuestion, pressedAt)
  t.ok(
    await waitUntilHeard(revoking.caller.heard, promptSamples('en', 'withdrawn'), 60_000, revokedAt),
    'the caller hears that the yes is taken back',
  )
  const meanwhile: PlacedCall[] = []
  while (epochMs() < goneAt + AWAY_MS) {
    const call = await dialIntoDisclosure(site, '302')
    meanwhile.push(call)
    await call.caller.press('1')
    await assertReachesAgent(t, site, call)
    await pause(CALL_MS)
  }
  t.equal(
    (await storedFiles(site)).keys.length,
    keys.length - 1,
    'no key was made, and that of the withdrawal is gone',
  )
  for (const call of [talking, revoking, inQuestion, ...meanwhile])
    t.equal(call.caller.end, undefined, 'no call was dropped')
  await until(() => spooled().includes('recording.finished') && spooled().includes('consent.withdrawn'))
  for (const type of ['call.started', 'call.released'])
    t.ok(spooled().split(type).length > meanwhile.length, `${type} of each call is spooled`)
  t.notMatch(spooled(), '7999', "no caller's number is in it")
  const { spooled: figure } = await ask('healthz')
  t.ok(figure > 5 * meanwhile.length, `${figure} events are spooled`)

  const backAt = epochMs()
  await database.start()
  await waitUntilTakesCalls(site)
  t.comment(
    `away for ${Math.round((epochMs() - goneAt) / 100) / 10} s, ${meanwhile.length} calls came meanwhile`,
  )
  t.equal(talking.caller.end, undefined, 'the talk goes on')
  await Promise.all([talking, revoking, inQuestion, ...meanwhile].map(({ caller }) => caller.hangup()))
  for (const call of meanwhile) await yesWasLost(t, call)
  await assertTalkComplete(t, site, talking, { parts: 1, closed: true })
  await assertTalkComplete(t, site, leaving, { parts: 1, closed: true })
  t.match(await revoking.finish(), { recordings: [{ state: /finished|destroyed/ }] })
  assertUnrecorded(t, await timelineAfter(inQuestion, 'call.released'), 'journal')
  for (const call of [talking, leaving, revoking, inQuestion]) await isEnteredOnce(t, call)
  const begun = await site.db
    .selectFrom('event')
    .select('id')
    .where('type', '=', 'recording.prepared')
    .where('at', '>', new Date(goneAt))
    .where('at', '<', new Date(backAt))
    .execute()
  t.strictSame(begun, [], 'no recording was begun')
  const [outage, ...more] = (await told()) as { events: number }[]
  t.match(outage, { damaged: 0, dropped: 0 })
  t.ok(outage!.events >= figure, `${outage!.events} events were entered afterwards`)
  t.strictSame(more, [])
  t.match(await ask('healthz'), { spooled: 0, dropped: 0 })
  t.notOk(existsSync(spool) || existsSync(join(spool, '..', 'key')), 'spool and key are gone')
})

t.test('the service is killed while PostgreSQL is away', async t => {
  const [talking, revoking] = await Promise.all([startTalk(site, TALK_MS), dialAndGrant(site, '301')])
  await stopDatabase()
  await revoking.caller.press('*')
  await revoking.caller.press('9')
  const meanwhile = await dialIntoDisclosure(site, '302')
  await meanwhile.caller.press('1')
  await assertReachesAgent(t, site, meanwhile)
  await meanwhile.caller.hangup()
  // Nothing of it may be stored yet, so only the journal can tell the successor that this yes was taken back.
  await until(() => spooled().includes('consent.withdrawn') && spooled().includes('call.released'))
  const before = (await service.log()).length
  service.kill('SIGKILL')
  await until(async () => (await service.log()).slice(before).includes('waiting for the database'))
  const unheard = await PlacedCall.place(site, { number: '301' })
  await assertReachesAgent(t, site, unheard)
  await database.start()
  await waitUntilTakesCalls(site)

  await talking.waitForEvent('recording.part-started', ({ number }) => number === 2)
  t.equal(talking.caller.end, undefined, 'the talk goes on')
  t.equal(revoking.caller.end, undefined, 'the call that took its yes back goes on')
  await assertTalkComplete(t, site, talking, { parts: 2, closed: false })
  await revoking.caller.hangup()
  const revoked = await timelineAfter(revoking, 'call.ended')
  t.equal(countEvents(revoked, 'consent.withdrawn'), 1, 'the yes was taken back once')
  t.ok(countEvents(revoked, 'recording.part-started') <= 1, 'it is not recorded on')
  await yesWasLost(t, meanwhile)
  for (const call of [talking, revoking]) await isEnteredOnce(t, call)
  t.equal(await unheard.read(), undefined, 'a call that came while nobody was there is not known')
  t.match((await told()).at(-1), { damaged: 0, dropped: 0 })
  t.notOk(existsSync(spool), 'the spool is gone')
})

t.test('after all that, a call is asked and recorded as before', async t => {
  const call = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, call)
  t.match(await call.finish(), { decision: 'granted', recordings: [{ state: 'finished' }] })
  const purge = await consentry(site.lab.env, 'purge', '--json')
  t.match(JSON.parse(purge.out), { failed: 0 })
  t.match(await site.verify(), { faults: [] })
})
