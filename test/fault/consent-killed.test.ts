// Real: everything. The service is killed between a caller's key and the agent, and started again by the lab.
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { CallTimeline } from '../../src/journal/timeline.js'
import { keepersOf } from '../../src/lab/process/end-keeper.js'
import { kept, startCallLab } from '../support/call-lab.js'
import {
  count,
  dialIn,
  dialIntoQuestion,
  killAndRestart,
  purpose,
  reachesAgent,
  shortLine,
} from '../support/fault-lab.js'
import type { PlacedCall } from '../support/placed-call.js'
import { seeded } from '../support/random.js'

/** Says a yes of each purpose apart; the confirmation of 1.6 s leaves time to be killed in. */
const site = await startCallLab(t, {
  lines: [
    shortLine('301'),
    shortLine('302', { purposes: [purpose(), purpose('marketing')], waitMs: 20_000 }),
  ],
})
const { service, ready } = site.lab

/** Asserts that a call's yes became one recording a purpose, with one tap, and that the caller had the agent. */
async function isRecorded(t: Test, call: PlacedCall, purposes = 1): Promise<CallTimeline> {
  await reachesAgent(t, site, call)
  const journal = await call.over()
  t.match(journal, { decision: 'granted' })
  t.strictSame(
    journal.recordings.map(({ state }) => state),
    Array(purposes).fill('finished'),
  )
  t.equal(count(journal, 'recording.prepared'), purposes, 'prepared once a purpose')
  t.equal(count(journal, 'recording.failed'), 0)
  t.equal(count(journal, 'consent.answered'), purposes, 'one answer a purpose')
  t.equal(count(journal, 'call.decided'), 1)
  t.equal(count(journal, 'call.released'), 1)
  return journal
}

t.test('killed after the answer was committed: the next service prepares the recording', async t => {
  const call = await dialIn(site, '301')
  // A keeper that stands still gives no pipes, so that nothing can be prepared before the kill.
  const [keeper] = await keepersOf(ready.tap)
  process.kill(keeper!, 'SIGSTOP')
  await call.caller.press('1')
  await call.journalled('consent.answered')
  const restarted = killAndRestart(site, 'SIGKILL')
  process.kill(keeper!, 'SIGCONT')
  await restarted
  await isRecorded(t, call)
})

t.test('killed after the recording was prepared: the next service uses it', async t => {
  const call = await dialIn(site, '301')
  await call.caller.press('1')
  const { recording } = await call.journalled('recording.prepared')
  await killAndRestart(site, 'SIGKILL')
  const journal = await isRecorded(t, call)
  t.equal(journal.recordings[0]?.id, recording)
})

t.test('killed between two questions: the second alone is asked, then both are recorded', async t => {
  const call = await dialIntoQuestion(site, '302')
  await call.caller.press('1')
  await call.journalled('consent.answered')
  await killAndRestart(site, 'SIGKILL')
  await call.journalled('consent.asked', ({ purpose }) => purpose === 'marketing')
  await call.caller.press('1')
  const journal = await isRecorded(t, call, 2)
  t.equal(journal.events.filter(({ role }) => role === 'disclosure').length, 1)
})

t.test('killed again and again, at any moment: every committed yes ends in a recording', async t => {
  const seed = process.env['CONSENTRY_TEST_SEED'] ?? String(process.pid)
  t.comment(`CONSENTRY_TEST_SEED=${seed}`)
  const random = seeded(seed)
  const calls = await Promise.all(Array.from({ length: 6 }, () => dialIn(site, '301')))
  const pressed = Promise.all(calls.map(({ caller }) => pause(random(400)).then(() => caller.press('1'))))
  for (let kill = 0; kill < 5; kill += 1) {
    await pause(random(500))
    await killAndRestart(site, 'SIGKILL')
  }
  await pressed
  await Promise.all(calls.map(call => reachesAgent(t, site, call, undefined, 20_000)))
  const journals = await Promise.all(calls.map(call => call.over()))
  for (const { decision, recordings, events } of journals) {
    const yes = events.some(({ type, answer }) => type === 'consent.answered' && answer === 'granted')
    if (yes) t.match(recordings, [{ state: 'finished' }], 'no yes is lost')
    else t.strictSame({ decision, recordings }, { decision: 'silent', recordings: [] })
  }
})

t.test('what is kept is what was agreed to', async t => {
  t.match(await site.verify(), { faults: [] })
  const { containers } = await kept(site)
  t.equal((await service.isReady()) && containers.length > 0, true)
})
