// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, the command. Fake: none.
// PostgreSQL is stopped during calls, and started again on the same data. In the second test the service is killed meanwhile.
// Long: the database is away for a minute.
// Long only: long outages; `fault/database` has short ones.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { epochMs } from '../../lab/time.js'
import { exactly } from '../support/assertions/exactly.js'
import { waitUntilHeard } from '../support/assertions/heard-words.js'
import { isLong } from '../support/fuzz/seeded.js'
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

/** Time without PostgreSQL, ms. */
const AWAY_MS = isLong ? 60_000 : 8_000
/** Time between new calls meanwhile, ms. */
const CALL_MS = 2_000
/** Length of a caller's speech, ms. It covers the time before, during and after the outage. */
const TALK_MS = AWAY_MS + 90_000

const site = await startCallLab(t, { lines: [shortLine('301', { waitMs: 30_000 }), longLine('302')] })
const { service, database, ready } = site.lab
const spool = join(ready.data, 'spool', 'events')
const spooled = () => (existsSync(spool) ? readFileSync(spool, 'utf8') : '')

/** Requests a page of the service's health. */
const ask = async (page: string) =>
  (await (await fetch(`${ready.http}/${page}`)).json()) as {
    parts: { database: boolean }
    spooled: number
    dropped: number
  }

/** Stops PostgreSQL and waits until the service has noticed. @returns that moment, epoch ms */
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

/** Asserts every event of a call whose caller said yes in the disclosure while no answer could be written. */
async function yesWasLost(t: Test, call: PlacedCall): Promise<void> {
  await call.caller.hangup()
  const journal = await timelineAfter(call, 'call.released')
  assertUnrecorded(t, journal, 'journal')
  t.strictSame(
    // The PBX does not report the end of a call that has returned to the dialplan.
    journal.events.map(({ type }) => type).filter(type => type !== 'call.ended'),
    ['call.started', 'call.answered', 'prompt.ended', 'consent.answered', 'call.decided', 'call.released'],
  )
  await isEnteredOnce(t, call)
}

/** The journal's events about outages of the database. */
const outages = async () =>
  (
    await site.db
      .selectFrom('event')
      .select('data')
      .where('type', '=', 'journal.caught-up')
      .orderBy('id')
      .execute()
  ).map(({ data }) => data)

t.test(
  `during an outage of PostgreSQL of ${AWAY_MS / 1_000} s no call is dropped and no event is lost`,
  async t => {
    const [talking, leaving, revoking, inQuestion] = await Promise.all([
      startTalk(site, TALK_MS),
      startTalk(site, TALK_MS),
      // This caller does not speak, because keys would wait behind speech. The agent's sentence must be over before the next
      // one can be recognised.
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
      'the caller hears that the consent is withdrawn',
    )
    const meanwhile: PlacedCall[] = []
    do {
      const call = await dialIntoDisclosure(site, '302')
      meanwhile.push(call)
      await call.caller.press('1')
      await assertReachesAgent(t, site, call)
      await pause(CALL_MS)
    } while (epochMs() < goneAt + AWAY_MS)
    t.equal(
      (await storedFiles(site)).keys.length,
      keys.length - 1,
      'no key file was made, and that of the withdrawn recording is destroyed',
    )
    for (const call of [talking, revoking, inQuestion, ...meanwhile])
      t.equal(call.caller.end, undefined, 'no call was dropped')
    await until(() => spooled().includes('recording.finished') && spooled().includes('consent.withdrawn'))
    for (const type of ['call.started', 'call.released'])
      t.ok(spooled().split(type).length > meanwhile.length, `${type} of each call is in the spool`)
    for (const { number } of [talking, leaving, revoking, inQuestion, ...meanwhile])
      t.notMatch(spooled(), number, "the spool has no caller's number in clear")
    const { spooled: figure } = await ask('healthz')
    t.ok(figure > 5 * meanwhile.length, `the spool has ${figure} events`)

    const backAt = epochMs()
    await database.start()
    await waitUntilTakesCalls(site)
    t.comment(
      `away for ${Math.round((epochMs() - goneAt) / 100) / 10} s, ${meanwhile.length} calls came meanwhile`,
    )
    t.equal(talking.caller.end, undefined, 'the call goes on')
    await Promise.all([talking, revoking, inQuestion, ...meanwhile].map(({ caller }) => caller.hangup()))
    for (const call of meanwhile) await yesWasLost(t, call)
    await assertTalkComplete(t, site, talking, { parts: 1, closed: true })
    await assertTalkComplete(t, site, leaving, { parts: 1, closed: true })
    t.match(await revoking.finish(), { recordings: exactly({ state: /finished|destroyed/ }) })
    assertUnrecorded(t, await timelineAfter(inQuestion, 'call.released'), 'journal')
    for (const call of [talking, leaving, revoking, inQuestion]) await isEnteredOnce(t, call)
    const begun = await site.db
      .selectFrom('event')
      .select('id')
      .where('type', '=', 'recording.prepared')
      .where('at', '>', new Date(goneAt))
      .where('at', '<', new Date(backAt))
      .execute()
    t.strictSame(begun, [], 'no recording began meanwhile')
    const [outage, ...more] = (await outages()) as { events: number }[]
    t.match(outage, { damaged: 0, dropped: 0 })
    t.ok(outage!.events >= figure, `${outage!.events} events entered the journal afterwards`)
    t.strictSame(more, [])
    t.match(await ask('healthz'), { spooled: 0, dropped: 0 })
    t.notOk(existsSync(spool) || existsSync(join(spool, '..', 'key')), 'the spool and its key are removed')
  },
)

t.test('a service killed during an outage of PostgreSQL leaves all events to its successor', async t => {
  const [talking, revoking] = await Promise.all([startTalk(site, TALK_MS), dialAndGrant(site, '301')])
  await stopDatabase()
  await revoking.caller.press('*')
  await revoking.caller.press('9')
  const meanwhile = await dialIntoDisclosure(site, '302')
  await meanwhile.caller.press('1')
  await assertReachesAgent(t, site, meanwhile)
  await meanwhile.caller.hangup()
  // Possibly nothing of this recording is stored yet. Then only the journal tells the successor of the withdrawal.
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
  t.equal(revoking.caller.end, undefined, 'the call of the withdrawal goes on')
  await assertTalkComplete(t, site, talking, { parts: 2, closed: false })
  await revoking.caller.hangup()
  const revoked = await timelineAfter(revoking, 'call.ended')
  t.equal(countEvents(revoked, 'consent.withdrawn'), 1, 'the consent was withdrawn once')
  t.ok(countEvents(revoked, 'recording.part-started') <= 1, 'the successor does not continue the recording')
  await yesWasLost(t, meanwhile)
  for (const call of [talking, revoking]) await isEnteredOnce(t, call)
  await unheard.waitForEvent('call.released')
  t.match(
    await unheard.read(),
    { decision: 'failed', recordings: [] },
    'a call that came without a service passed unasked',
  )
  t.match((await outages()).at(-1), { damaged: 0, dropped: 0 })
  t.notOk(existsSync(spool), 'the spool is removed')
})

t.test('after the outages a call is asked and recorded', async t => {
  const call = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, call)
  t.match(await call.finish(), { decision: 'granted', recordings: exactly({ state: 'finished' }) })
  const purge = await consentry(site.lab.env, 'purge', '--json')
  t.match(JSON.parse(purge.out), { failed: 0 })
  t.strictSame((await site.verify()).faults, [])
})
