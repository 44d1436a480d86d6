// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, strace, pipes. Fake: none.
// File operations in one place hang: strace delays them, or they wait at a pipe. Later they continue.
// Long only: disks that hang one after the other; `service/audio/store-failure` and `fault/stores` have those that
// fail.
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { keepersOf } from '../../lab/process/end-keeper.js'
import { epochMs } from '../../lab/time.js'
import type { AlarmKind } from '../../src/core/alarms.js'
import { waitForAlarm } from '../support/assertions/alarms.js'
import { exactly } from '../support/assertions/exactly.js'
import { type CallLab, expectedFiles, startCallLab, storedFiles } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  dialAndGrant,
  dialIntoDisclosure,
  shortLine,
  waitUntilTakesCalls,
} from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { until } from '../support/processes/database.js'
import { type HungPlace, hangFiles, hangMark, type Release } from '../support/processes/hung-files.js'

const site = await startCallLab(t, { lines: [shortLine('301')] })
const { lab } = site

/** When callers come, ms: some at once, others when the service has noticed the fault. */
const COMING = [0, 0, 0, 0, 0, 0, 4_000, 4_000]
/** Time from the answer to the key, ms. The disclosure is playing then, if there is one. */
const REACTION_MS = 1_200

const placed: PlacedCall[] = []

/** Places a call that says yes, and asserts that it reaches the agent in time. */
async function come(t: Test, afterMs: number): Promise<void> {
  await pause(afterMs)
  const call = await PlacedCall.place(site, { number: '301' })
  placed.push(call)
  await call.caller.waitForAnswer()
  const reached = assertReachesAgent(t, site, call, call.caller.answeredAt)
  await pause(REACTION_MS)
  await Promise.all([call.caller.press('1'), reached])
}

/**
 * Makes operations hang during live calls. Asserts that every caller reaches the agent, that the given alarm stands meanwhile, and that
 * calls are recorded afterwards.
 */
async function outlived(t: Test, hang: () => Promise<Release>, alarm?: AlarmKind): Promise<void> {
  const talking = await dialAndGrant(site, '301')
  const asked = await Promise.all([dialIntoDisclosure(site, '301'), dialIntoDisclosure(site, '301')])
  await talking.waitForEvent('recording.part-started')
  placed.push(talking, ...asked)

  const release = await hang()
  const struck = epochMs()
  const answers = asked.map(async call => {
    await call.caller.press('1')
    await assertReachesAgent(t, site, call, struck)
  })
  await Promise.all([...answers, ...COMING.map(afterMs => come(t, afterMs))])
  t.ok(await talking.caller.heard.waitForAudio(5_000, -90), 'the call goes on')
  if (alarm) await waitForAlarm(site, alarm, true)
  await release()
  if (alarm) await waitForAlarm(site, alarm, false)

  await waitUntilTakesCalls(site)
  const after = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, after)
  placed.push(after)
  await after.waitForEvent('recording.part-started')
  t.match(await after.finish(), { recordings: exactly({ state: 'finished' }) }, 'the next call is recorded')
  const calls = await Promise.all(placed.map(call => call.finish()))
  await nothingElseIsKept(t, site, calls)
}

/** Asserts that containers and keys are those of the recordings in the journal. Each of these has a yes. */
async function nothingElseIsKept(
  t: Test,
  site: CallLab,
  calls: Parameters<typeof expectedFiles>[0],
): Promise<void> {
  const owned = expectedFiles(calls)
  await until(async () => (await storedFiles(site)).keys.length <= owned.keys.length)
  t.strictSame(await storedFiles(site), owned, 'every container and every key file has a yes')
  t.strictSame((await site.verify()).faults, [])
}

const hung = (place: HungPlace) => () => hangFiles(lab, place)

t.test('calls go on while the store hangs', t => outlived(t, hung('store'), 'store-unwritable'))

t.test('calls go on while the key store hangs', t => outlived(t, hung('keys'), 'keys-unwritable'))

t.test('calls go on while store and key store hang at pipes', t =>
  outlived(t, async () => {
    const releases = await Promise.all([hangMark(`${lab.ready.data}/store`), hangMark(lab.ready.keys)])
    return async () => {
      for (const release of releases) await release()
    }
  }),
)

t.test('calls go on while the prompts hang', t => outlived(t, hung('prompts'), 'prompts-unreadable'))

t.test('calls go on while the data folder hangs: the anchor, the log, the folder of the socket', t =>
  outlived(t, hung('data')),
)

// The service looks for its keeper in a folder that hangs.
t.test('calls go on while the data folder hangs and the keeper is lost', t =>
  outlived(t, async () => {
    const release = await hung('data')()
    for (const keeper of await keepersOf(lab.ready.tap)) process.kill(keeper, 'SIGKILL')
    return release
  }),
)

t.test('calls go on while the spool hangs and the database is away', t =>
  outlived(t, async () => {
    const release = await hung('spool')()
    await lab.database.stop()
    return async () => {
      await release()
      await lab.database.start()
    }
  }),
)
