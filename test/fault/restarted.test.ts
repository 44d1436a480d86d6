// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, the command. Fake: none.
// Service and keeper are killed during calls. The lab starts the service again, as a supervisor does.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { keepersOf } from '../../lab/process/end-keeper.js'
import { epochMs } from '../../lab/time.js'
import { exactly } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertEventOrder,
  assertReachesAgent,
  assertStoredParts,
  assertUnrecorded,
  countEvents,
  dialAndGrant,
  dialIntoDisclosure,
  dialIntoQuestion,
  firstEvent,
  killAndRestart,
  longLine,
  shortLine,
  timelineAfter,
} from '../support/lab/fault-lab.js'
import type { PlacedCall } from '../support/lab/placed-call.js'
import { assertTalkComplete, startTalk } from '../support/lab/unbroken-talk.js'
import { consentry } from '../support/processes/command.js'
import { BEGIN_HELD, BEGIN_WRITING, until } from '../support/processes/database.js'

const site = await startCallLab(t, {
  lines: [shortLine('301'), longLine('302'), shortLine('303', { waitMs: 20_000 })],
})
const { service, ready } = site.lab

/** Whether a prompt is the apology for a restart. */
const isApology = (event: Record<string, unknown>) => event['role'] === 'apology'

const talk = () => startTalk(site)

/**
 * Asserts that a call was not dropped and that its recording is complete.
 *
 * @param closed whether the first part was closed with its totals
 */
async function isWhole(t: Test, call: PlacedCall, closed: boolean): Promise<void> {
  t.equal(call.caller.end, undefined, 'the call was not dropped')
  await assertTalkComplete(t, site, call, { parts: 2, closed })
  const { id } = (await timelineAfter(call, 'recording.finished')).recordings[0]!
  const file = join(t.testdir({}), 'talk.wav')
  const opened = await consentry(site.lab.env, 'open', id, '-o', file)
  t.match(opened, { code: 0, out: /^\S+: [\d.]+ s, in 2 parts\n$/ }, `the command opens it: ${opened.err}`)
}

t.test(
  'the successor of a killed service continues the recording, and repeats questions that were not answered',
  async t => {
    const [talking, inPrompt, inQuestion] = await Promise.all([
      talk(),
      dialIntoDisclosure(site, '302'),
      dialIntoQuestion(site, '303'),
    ])
    // Of a call that the journal does not have yet, the next service knows nothing.
    await inPrompt.waitForEvent('call.started')
    await killAndRestart(site, 'SIGKILL')
    await Promise.all([inPrompt, inQuestion].map(call => call.waitForEvent('prompt.ended', isApology)))
    await inQuestion.waitForQuestion(2)
    await Promise.all([inPrompt, inQuestion].map(({ caller }) => caller.press('1')))
    await Promise.all([inPrompt, inQuestion].map(call => assertReachesAgent(t, site, call)))
    const [disclosedAgain, askedAgain] = await Promise.all([inPrompt, inQuestion].map(call => call.finish()))
    t.match(disclosedAgain, { decision: 'granted', recordings: exactly({ state: 'finished' }) })
    assertEventOrder(t, disclosedAgain!, ['call.started', 'prompt.ended', 'prompt.ended', 'consent.answered'])
    t.match(askedAgain, { decision: 'granted', recordings: exactly({ state: 'finished' }) })
    t.equal(countEvents(askedAgain!, 'consent.asked'), 2, 'asked before and after the restart')
    const disclosures = askedAgain!.events.filter(({ role }) => role === 'disclosure')
    t.match(disclosures, exactly({ end: 'complete' }), 'a disclosure that was heard is not repeated')
    await talking.waitForEvent('recording.part-started', ({ number }) => number === 2)
    await isWhole(t, talking, false)
    await assertStoredParts(t, site, 4)
  },
)

t.test(
  'a service told to stop returns callers in the question to the dialplan, and its successor continues recordings',
  async t => {
    const [talking, inPrompt, inQuestion] = await Promise.all([
      talk(),
      dialIntoDisclosure(site, '302'),
      dialIntoQuestion(site, '303'),
    ])
    const toldAt = epochMs()
    const restarted = killAndRestart(site, 'SIGTERM')
    await Promise.all([inPrompt, inQuestion].map(call => assertReachesAgent(t, site, call, toldAt, 5_000)))
    await restarted
    for (const call of [inPrompt, inQuestion])
      assertUnrecorded(t, await timelineAfter(call, 'call.released'), 'service-stopping')
    await talking.waitForEvent('recording.part-started', ({ number }) => number === 2)
    await isWhole(t, talking, true)
    await assertStoredParts(t, site, 6)
  },
)

t.test('a successor waits until the database has written the events of the service before it', async t => {
  const talking = await talk()
  const slow = await site.db.connect('test writer')
  t.teardown(() => slow.cut())
  await slow.query(BEGIN_HELD)
  await slow.query(BEGIN_WRITING)
  const restarted = killAndRestart(site, 'SIGKILL')
  await until(async () => /the database is still writing/.test(await service.log()))
  t.notOk(await service.isReady())
  await slow.query('commit')
  await restarted
  await talking.waitForEvent('recording.part-started', ({ number }) => number === 2)
  await isWhole(t, talking, false)
  await assertStoredParts(t, site, 8)
})

t.test('the audio that a killed keeper held is journalled as a gap, and the recording goes on', async t => {
  const call = await talk()
  const [before] = await keepersOf(ready.tap)
  process.kill(before!, 'SIGKILL')
  await call.waitForEvent('recording.gap')
  await until(
    async () => (await keepersOf(ready.tap)).some(pid => pid !== before) && (await service.isReady()),
  )
  const next = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, next)
  t.equal(call.caller.end, undefined, 'the call was not dropped')
  await Promise.all([call, next].map(({ caller }) => caller.hangup()))
  const journal = await timelineAfter(call, 'recording.finished')
  t.match(firstEvent(journal, 'recording.gap'), { reason: 'keeper-died' })
  await site.open(journal.recordings[0]!.id)
  t.match((await next.finish()).recordings, exactly({ state: 'finished' }))
  t.strictSame((await site.verify()).faults, [])
})
