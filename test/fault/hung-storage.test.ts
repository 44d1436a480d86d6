// Real: everything. Operations on the files of one place hang, held up by strace or at a pipe; then they go on.
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { epochMs } from '../../lab/time.js'
import type { AlarmKind } from '../../src/shared/alarms.js'
import { waitForAlarm } from '../support/assertions/alarms.js'
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

/** Callers who come at once, and those who come when the service has noticed. */
const COMING = [0, 0, 0, 0, 0, 0, 4_000, 4_000]
/** Whoever comes presses so long after the answer, ms: in the disclosure, if there is one. */
const REACTION_MS = 1_200

const placed: PlacedCall[] = []

/** Comes, says yes, and must be with the agent in time. */
async function come(t: Test, afterMs: number): Promise<void> {
  await pause(afterMs)
  const call = await PlacedCall.place(site, { number: '301' })
  placed.push(call)
  await call.caller.waitForAnswer()
  const reached = assertReachesAgent(t, site, call, call.caller.answeredAt)
  await pause(REACTION_MS)
  await Promise.all([call.caller.press('1'), reached])
}

/** Strikes under live calls. The alarm, if given, stands while it lasts. Nobody stands in silence, and afterwards all is as before. */
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
  t.ok(await talking.caller.heard.waitForAudio(5_000, -90), 'who talked goes on talking')
  if (alarm) await waitForAlarm(site, alarm, true)
  await release()
  if (alarm) await waitForAlarm(site, alarm, false)

  await waitUntilTakesCalls(site)
  const after = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, after)
  placed.push(after)
  await after.waitForEvent('recording.part-started')
  t.match(await after.finish(), { recordings: [{ state: 'finished' }] }, 'and who comes now is recorded')
  const calls = await Promise.all(placed.map(call => call.finish()))
  await nothingElseIsKept(t, site, calls)
}

/** Containers and keys are those of the recordings in the journal, each of which rests on a yes. */
async function nothingElseIsKept(
  t: Test,
  site: CallLab,
  calls: Parameters<typeof expectedFiles>[0],
): Promise<void> {
  const owned = expectedFiles(calls)
  await until(async () => (await storedFiles(site)).keys.length <= owned.keys.length)
  t.strictSame(await storedFiles(site), owned, 'no container and no key but those of a yes')
  t.match(await site.verify(), { faults: [] })
}

const hung = (place: HungPlace) => () => hangFiles(lab, place)

t.test('the store hangs', t => outlived(t, hung('store'), 'store-unwritable'))

t.test('the key store hangs', t => outlived(t, hung('keys'), 'keys-unwritable'))

t.test('store and key store hang at once, at pipes', t =>
  outlived(t, async () => {
    const releases = await Promise.all([hangMark(`${lab.ready.data}/store`), hangMark(lab.ready.keys)])
    return async () => {
      for (const release of releases) await release()
    }
  }),
)

t.test('the prompts hang', t => outlived(t, hung('prompts'), 'prompts-unreadable'))

t.test('the data folder hangs: the anchor of the clock, the log, the folder of the socket', t =>
  outlived(t, hung('data')),
)

t.test('the spool hangs while the database is away', t =>
  outlived(t, async () => {
    const release = await hung('spool')()
    await lab.database.stop()
    return async () => {
      await release()
      await lab.database.start()
    }
  }),
)
