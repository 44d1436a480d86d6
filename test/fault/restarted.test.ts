// Real: everything. Service and keeper are killed under calls; the lab starts the service again, as a supervisor does.
import t, { type Test } from 'tap'
import { rmsDbfs } from '../../src/lab/audio/levels.js'
import { tone } from '../../src/lab/audio/signals.js'
import { keepersOf } from '../../src/lab/process/end-keeper.js'
import { epochMs } from '../../src/lab/time.js'
import { SAMPLE_RATE } from '../../src/shared/audio.js'
import { startCallLab } from '../support/call-lab.js'
import { until } from '../support/database.js'
import {
  count,
  dialAndGrant,
  dialIn,
  dialIntoQuestion,
  find,
  inOrder,
  keptAre,
  killAndRestart,
  longLine,
  reachesAgent,
  shortLine,
  timeline,
  wentUnrecorded,
} from '../support/fault-lab.js'
import type { PlacedCall } from '../support/placed-call.js'
import { isHeard } from '../support/story.js'

/** What the caller says all the time, Hz; nobody else does. */
const VOICE_HZ = 440
const VOICE_MS = 40_000
/** From the tap's start to the first audio, and from the hang-up to its end, s. */
const EDGES_S = 0.7

const site = await startCallLab(t, {
  lines: [shortLine('301'), longLine('302'), shortLine('303', { waitMs: 20_000 })],
})
const { service, ready } = site.lab

/** Whether what ended is the apology for a restart. */
const isApology = (event: Record<string, unknown>) => event['role'] === 'apology'

/** A recorded call whose caller speaks without a pause, once the first of it is on disk. */
async function talk(): Promise<PlacedCall> {
  const call = await dialAndGrant(site, '301')
  void call.caller.say(tone([VOICE_HZ], VOICE_MS))
  await call.journalled('recording.part-started')
  return call
}

/**
 * Asserts that a talk is kept as one recording of two parts, with every sample of both sides in its place.
 * @param closed whether the first part was closed with its totals
 */
async function isWhole(t: Test, call: PlacedCall, closed: boolean): Promise<void> {
  t.equal(call.caller.end, undefined, 'the call was not dropped')
  await call.caller.hangup()
  const journal = await timeline(call, 'recording.finished')
  t.equal(count(journal, 'recording.part-started'), 2)
  t.equal(count(journal, 'recording.gap'), 0)
  t.match(journal.recordings, [{ state: 'finished' }])
  const { caller, agent, complete, seconds } = await site.open(journal.recordings[0]!.id)
  t.equal(complete, closed, 'only a killed service leaves a part without its totals')
  const talked =
    (Date.parse(find(journal, 'recording.finished')!.at) - Date.parse(find(journal, 'call.released')!.at)) /
    1_000
  t.ok(seconds > talked - EDGES_S, `${seconds} s of ${talked} s are there`)
  for (const side of [caller, agent]) {
    // No a-law byte decodes to nothing, so nothing is what no part holds.
    const missing = side
      .slice(0, Math.floor((seconds - EDGES_S) * SAMPLE_RATE))
      .filter(sample => sample === 0)
    t.equal(missing.length, 0, 'no sample is missing')
  }
  t.ok(isHeard(agent, site.sentence), 'the agent is on the right')
  for (let second = 2; second < seconds - 1; second += 1) {
    const voice = rmsDbfs(caller.subarray(second * SAMPLE_RATE, (second + 1) * SAMPLE_RATE))
    t.ok(voice > -30, `the caller is on the left in second ${second}: ${Math.round(voice)} dB`)
  }
}

t.test(
  'a killed service: its successor goes on with the talk, and asks again what was not answered',
  async t => {
    const [talking, inPrompt, inQuestion] = await Promise.all([
      talk(),
      dialIn(site, '302'),
      dialIntoQuestion(site, '303'),
    ])
    await killAndRestart(site, 'SIGKILL')
    await Promise.all([inPrompt, inQuestion].map(call => call.journalled('prompt.ended', isApology)))
    await inQuestion.asked(2)
    await Promise.all([inPrompt, inQuestion].map(({ caller }) => caller.press('1')))
    await Promise.all([inPrompt, inQuestion].map(call => reachesAgent(t, site, call)))
    const [disclosedAgain, askedAgain] = await Promise.all([inPrompt, inQuestion].map(call => call.over()))
    t.match(disclosedAgain, { decision: 'granted', recordings: [{ state: 'finished' }] })
    inOrder(t, disclosedAgain!, ['call.started', 'prompt.ended', 'prompt.ended', 'consent.answered'])
    t.match(askedAgain, { decision: 'granted', recordings: [{ state: 'finished' }] })
    t.equal(count(askedAgain!, 'consent.asked'), 2)
    const disclosures = askedAgain!.events.filter(({ role }) => role === 'disclosure')
    t.match(disclosures, [{ end: 'complete' }], 'a disclosure that was heard does not come again')
    await talking.journalled('recording.part-started', ({ number }) => number === 2)
    await isWhole(t, talking, false)
    await keptAre(t, site, 4)
  },
)

t.test(
  'a service told to stop lets go at once who is in question, and leaves talks to its successor',
  async t => {
    const [talking, inPrompt, inQuestion] = await Promise.all([
      talk(),
      dialIn(site, '302'),
      dialIntoQuestion(site, '303'),
    ])
    const toldAt = epochMs()
    const restarted = killAndRestart(site, 'SIGTERM')
    await Promise.all([inPrompt, inQuestion].map(call => reachesAgent(t, site, call, toldAt, 5_000)))
    await restarted
    for (const call of [inPrompt, inQuestion])
      wentUnrecorded(t, await timeline(call, 'call.released'), 'service-stopping')
    await talking.journalled('recording.part-started', ({ number }) => number === 2)
    await isWhole(t, talking, true)
    await keptAre(t, site, 6)
  },
)

t.test('a killed keeper: what it held is journalled as lost, and the recording goes on', async t => {
  const call = await talk()
  const [before] = await keepersOf(ready.tap)
  process.kill(before!, 'SIGKILL')
  await call.journalled('recording.gap')
  await until(
    async () => (await keepersOf(ready.tap)).some(pid => pid !== before) && (await service.isReady()),
  )
  const next = await dialAndGrant(site, '301')
  await reachesAgent(t, site, next)
  t.equal(call.caller.end, undefined, 'the call was not dropped')
  await Promise.all([call, next].map(({ caller }) => caller.hangup()))
  const journal = await timeline(call, 'recording.finished')
  t.match(find(journal, 'recording.gap'), { reason: 'keeper-died' })
  await site.open(journal.recordings[0]!.id)
  t.match((await next.over()).recordings, [{ state: 'finished' }])
  t.match(await site.verify(), { faults: [] })
})
