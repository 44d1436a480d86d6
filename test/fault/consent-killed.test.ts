// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// The service is killed between a caller's key and the agent, or killed or told to stop while somebody is asked in the conversation. The lab starts it
// again.
// Long only: a kill at each step; `fault/drawn` has kills at drawn steps.
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { tone } from '../../lab/audio/signals.js'
import { keepersOf } from '../../lab/process/end-keeper.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { exactly } from '../support/assertions/exactly.js'
import { seededRandom } from '../support/data/seeded-random.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { pressInDisclosure } from '../support/lab/caller-actions.js'
import {
  assertReachesAgent,
  countEvents,
  dialAndGrant,
  dialIntoDisclosure,
  dialIntoQuestion,
  killAndRestart,
  purpose,
  shortLine,
} from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { until } from '../support/processes/database.js'

const TOKEN = 'a-token-of-the-test-of-restarts'
/** How often a question is asked for after a restart, and every how many ms. */
const [MOST_TRIES, TRY_MS] = [30, 1_000]

/**
 * Line 302 asks for each purpose separately. From line 303 the callers go on to line 304. The confirmation lasts 1.6 s, which is time
 * enough for a kill.
 */
const site = await startCallLab(t, {
  env: { CONSENTRY_API_TOKEN: TOKEN },
  lines: [
    shortLine('301'),
    shortLine('302', { purposes: [purpose(), purpose('marketing')], waitMs: 20_000 }),
    shortLine('303'),
    shortLine('304', { purposes: [purpose('marketing')], waitMs: 20_000 }),
    shortLine('308', { waitMs: 20_000 }),
  ],
  extensions: `
exten => 303,1,Gosub(consentry,s,1)
 same =>     n,Goto(304,1)
`,
})
const { service, ready: places, pbx } = site.lab

/**
 * Asserts that the caller reached the agent, and that the call has one recording for each purpose.
 *
 * @param lines how many lines the caller reached
 */
async function isRecorded(t: Test, call: PlacedCall, purposes = 1, lines = 1): Promise<CallTimeline> {
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
  t.equal(countEvents(journal, 'call.decided'), lines, 'decided once a line')
  t.equal(countEvents(journal, 'call.released'), lines, 'returned to the dialplan once a line')
  return journal
}

t.test(
  'a service killed after the answer was committed: the next service prepares the recording',
  async t => {
    const call = await dialIntoDisclosure(site, '301')
    // A stopped keeper gives no pipes, so that nothing can be prepared before the kill.
    const [keeper] = await keepersOf(places.tap)
    process.kill(keeper!, 'SIGSTOP')
    await call.caller.press('1')
    await call.waitForEvent('consent.answered')
    const restarted = killAndRestart(site, 'SIGKILL')
    process.kill(keeper!, 'SIGCONT')
    await restarted
    await isRecorded(t, call)
  },
)

t.test(
  'a service killed after a recording was prepared, or between two questions: the next one continues',
  async t => {
    const [ready, halfway] = await Promise.all([
      dialIntoDisclosure(site, '301'),
      dialIntoQuestion(site, '302'),
    ])
    await halfway.caller.press('1')
    await halfway.waitForEvent('consent.answered')
    await ready.caller.press('1')
    const { recording } = await ready.waitForEvent('recording.prepared')
    await killAndRestart(site, 'SIGKILL')
    const first = await isRecorded(t, ready)
    t.equal(first.recordings[0]?.id, recording, 'the next service uses the prepared recording')
    await halfway.waitForEvent('consent.asked', ({ purpose }) => purpose === 'marketing')
    await halfway.caller.press('1')
    const both = await isRecorded(t, halfway, 2)
    t.equal(
      both.events.filter(({ role }) => role === 'disclosure').length,
      1,
      'the next service asks only the second question',
    )
  },
)

t.test(
  'a service killed while a caller is on a second line: the next one asks, or records the yes',
  async t => {
    const isSecond = ({ purpose }: Record<string, unknown>) => purpose === 'marketing'
    const isApology = ({ role }: Record<string, unknown>) => role === 'apology'
    const [agreed, unanswered] = await Promise.all([dialAndGrant(site, '303'), dialAndGrant(site, '303')])
    await Promise.all([agreed, unanswered].map(call => call.waitForEvent('consent.asked', isSecond)))
    await agreed.caller.press('1')
    const { recording } = await agreed.waitForEvent('recording.prepared', isSecond)
    const before = countEvents((await unanswered.read())!, 'consent.asked')
    await killAndRestart(site, 'SIGKILL')
    const first = await isRecorded(t, agreed, 2, 2)
    t.ok(
      first.recordings.some(({ id }) => id === recording),
      'the next service uses the prepared recording',
    )
    await unanswered.waitForEvent('prompt.ended', isApology)
    await unanswered.waitForQuestion(before + 1)
    await unanswered.caller.press('1')
    await isRecorded(t, unanswered, 2, 2)
  },
)

t.test('a service killed before it knew of a caller: the next service asks the caller', async t => {
  service.kill('SIGSTOP')
  const call = await PlacedCall.place(site, { number: '301' })
  await until(async () => (await waiting()) === 1)
  await killAndRestart(site, 'SIGKILL')
  await call.waitForQuestion()
  await call.caller.press('1')
  await isRecorded(t, call)
})

t.test(
  'a service killed again and again at any moment: every committed yes leads to a recording',
  async t => {
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
      if (yes) t.match(recordings, exactly({ state: 'finished' }), 'the yes leads to a recording')
      else t.strictSame({ decision, recordings }, { decision: 'silent', recordings: [] })
    }
  },
)

/** Returns the number of channels in the service's application. */
async function waiting(): Promise<number> {
  const { url, username, password, app } = pbx.ari
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const answer = await fetch(`${url}/ari/applications/${app}`, { headers: { authorization } })
  return ((await answer.json()) as { channel_ids: string[] }).channel_ids.length
}

/** Has a caller asked in the conversation. @returns the status of the answer */
const ask = async (call: string): Promise<number> => {
  const headers = { authorization: `Bearer ${TOKEN}` }
  return (await fetch(`${places.http}/api/calls/${call}/ask`, { method: 'POST', headers })).status
}
const inConversation = (event: Record<string, unknown>) => event['inConversation'] === true

for (const signal of ['SIGKILL', 'SIGTERM'] as const)
  t.test(`a question in the conversation ends with the service (${signal}), and is never a yes`, async t => {
    const placed = await PlacedCall.place(site, { number: '308' })
    await placed.caller.waitForAnswer()
    await pressInDisclosure('2')(placed)
    await placed.waitForAgent()
    const { id } = (await placed.read())!
    t.equal(await ask(id), 200)
    await placed.waitForEvent('consent.asked', inConversation)
    await killAndRestart(site, signal)
    await placed.caller.press('1')
    const before = (await placed.read())!
    t.notOk(before.events.some(({ type, answer }) => type === 'consent.answered' && answer === 'granted'))
    t.strictSame(before.recordings, [])
    // What the service before was saying may still be there, which ends the next question with a fault.
    const asked = async () =>
      (await placed.read())!.events.filter(one => one.type === 'consent.asked' && inConversation(one))
    for (let tries = 0; (await asked()).length < 2 && tries < MOST_TRIES; tries++) {
      await ask(id)
      await pause(TRY_MS)
    }
    await placed.caller.press('1')
    await placed.waitForEvent('consent.answered', one => inConversation(one) && one['answer'] === 'granted')
    await placed.waitForEvent('recording.prepared')
    await placed.caller.say(tone([700], 7_000))
    t.match(await placed.finish(), { decision: 'granted', recordings: exactly({ state: 'finished' }) })
    t.strictSame((await site.verify()).faults, [])
  })

t.test('every stored recording has a consent, and is intact', async t => {
  const { checked, faults } = await site.verify()
  t.strictSame(faults, [])
  t.ok(checked.recordings > 4, `${checked.recordings} recordings were checked`)
})
