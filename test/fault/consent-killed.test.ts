// Real: everything. The service is killed between a caller's key and the agent, and started again by the lab.
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { keepersOf } from '../../lab/process/end-keeper.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { seededRandom } from '../support/data/seeded-random.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  countEvents,
  dialIntoDisclosure,
  dialIntoQuestion,
  killAndRestart,
  purpose,
  shortLine,
} from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { until } from '../support/processes/database.js'

/** Says a yes of each purpose apart; the confirmation of 1.6 s leaves time to be killed in. */
const site = await startCallLab(t, {
  lines: [
    shortLine('301'),
    shortLine('302', { purposes: [purpose(), purpose('marketing')], waitMs: 20_000 }),
  ],
})
const { service, ready: places, pbx } = site.lab

/** Asserts that a call's yes became one recording a purpose, with one tap, and that the caller had the agent. */
async function isRecorded(t: Test, call: PlacedCall, purposes = 1): Promise<CallTimeline> {
  await assertReachesAgent(t, site, call)
  const journal = await call.finish()
  t.match(journal, { decision: 'granted' })
  t.strictSame(
    journal.recordings.map(({ state }) => state),
    Array(purposes).fill('finished'),
  )
  t.equal(countEvents(journal, 'recording.prepared'), purposes, 'prepared once a purpose')
  t.equal(countEvents(journal, 'recording.failed'), 0, 'no recording failed')
  t.equal(countEvents(journal, 'consent.answered'), purposes, 'one answer a purpose')
  t.equal(countEvents(journal, 'call.decided'), 1, 'decided once')
  t.equal(countEvents(journal, 'call.released'), 1, 'given back once')
  return journal
}

t.test('killed after the answer was committed: the next service prepares the recording', async t => {
  const call = await dialIntoDisclosure(site, '301')
  // A keeper that stands still gives no pipes, so that nothing can be prepared before the kill.
  const [keeper] = await keepersOf(places.tap)
  process.kill(keeper!, 'SIGSTOP')
  await call.caller.press('1')
  await call.waitForEvent('consent.answered')
  const restarted = killAndRestart(site, 'SIGKILL')
  process.kill(keeper!, 'SIGCONT')
  await restarted
  await isRecorded(t, call)
})

t.test('killed after the recording was prepared, and between two questions', async t => {
  const [ready, halfway] = await Promise.all([dialIntoDisclosure(site, '301'), dialIntoQuestion(site, '302')])
  await halfway.caller.press('1')
  await halfway.waitForEvent('consent.answered')
  await ready.caller.press('1')
  const { recording } = await ready.waitForEvent('recording.prepared')
  await killAndRestart(site, 'SIGKILL')
  const first = await isRecorded(t, ready)
  t.equal(first.recordings[0]?.id, recording, 'the next service uses it')
  await halfway.waitForEvent('consent.asked', ({ purpose }) => purpose === 'marketing')
  await halfway.caller.press('1')
  const both = await isRecorded(t, halfway, 2)
  t.equal(both.events.filter(({ role }) => role === 'disclosure').length, 1, 'only the second is asked')
})

t.test(
  'killed before it heard of a caller who had come in: the next service takes the caller in',
  async t => {
    service.kill('SIGSTOP')
    const call = await PlacedCall.place(site, { number: '301' })
    await until(async () => (await waiting()) === 1)
    await killAndRestart(site, 'SIGKILL')
    await call.waitForQuestion()
    await call.caller.press('1')
    await isRecorded(t, call)
  },
)

t.test('killed again and again, at any moment: every committed yes ends in a recording', async t => {
  const seed = process.env['CONSENTRY_TEST_SEED'] ?? String(process.pid)
  t.comment(`CONSENTRY_TEST_SEED=${seed}`)
  const random = seededRandom(seed)
  const calls = await Promise.all(Array.from({ length: 6 }, () => dialIntoDisclosure(site, '301')))
  const pressed = Promise.all(calls.map(({ caller }) => pause(random(400)).then(() => caller.press('1'))))
  for (let kill = 0; kill < 5; kill += 1) {
    await pause(random(500))
    await killAndRestart(site, 'SIGKILL')
  }
  await pressed
  await Promise.all(calls.map(call => assertReachesAgent(t, site, call, undefined, 20_000)))
  const journals = await Promise.all(calls.map(call => call.finish()))
  for (const { decision, recordings, events } of journals) {
    const yes = events.some(({ type, answer }) => type === 'consent.answered' && answer === 'granted')
    if (yes) t.match(recordings, [{ state: 'finished' }], 'no yes is lost')
    else t.strictSame({ decision, recordings }, { decision: 'silent', recordings: [] })
  }
})

/** How many channels are in the service's application. */
async function waiting(): Promise<number> {
  const { url, username, password, app } = pbx.ari
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const answer = await fetch(`${url}/ari/applications/${app}`, { headers: { authorization } })
  return ((await answer.json()) as { channel_ids: string[] }).channel_ids.length
}

t.test('what is kept is what was agreed to', async t => {
  const { checked, faults } = await site.verify()
  t.strictSame(faults, [])
  t.ok(checked.recordings > 4, `${checked.recordings} recordings were checked`)
})
