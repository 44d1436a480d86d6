// Real: everything. A line changes while callers are in it, and the service is killed or the caller comes into another line.
import t, { type Test } from 'tap'
import { openDatabase } from '../../src/db/database.js'
import { saveLine } from '../../src/policy/save-line.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  countEvents,
  dialAndGrant,
  dialIntoQuestion,
  firstEvent,
  killAndRestart,
  shortLine,
} from '../support/lab/fault-lab.js'
import type { PlacedCall } from '../support/lab/placed-call.js'

const told = { keys: { withdraw: '#5' }, onWithdraw: 'keep' }
const site = await startCallLab(t, {
  lines: [
    shortLine('330', told),
    shortLine('331', told),
    shortLine('332', { keys: { withdraw: '#8' } }),
    shortLine('333', { waitMs: 30_000 }),
  ],
  extensions: `
exten => 330,1,Gosub(consentry,s,1)
 same =>     n,Goto(332,1)
`,
})

const admin = openDatabase(site.lab.database.adminUrl)
t.teardown(() => admin.close())

/** Types the keys in the talk, and asserts what they did. */
async function takesBack(t: Test, call: PlacedCall): Promise<void> {
  await call.waitForEvent('recording.part-started')
  await call.caller.pressKeys('#8')
  await call.caller.pressKeys('#5')
  await call.waitForEvent('consent.withdrawn')
  const journal = await call.finish()
  t.match(firstEvent(journal, 'consent.withdrawn'), { purposes: ['service'], keep: true })
  t.equal(countEvents(journal, 'consent.withdrawn'), 1)
  t.match(journal.recordings, [{ state: 'finished' }], 'what was said before is kept')
}

t.test('in a talk that went on to another line, the keys that the caller was told hold', async t => {
  const call = await dialAndGrant(site, '330')
  await call.waitForEvent('call.passed-through')
  await takesBack(t, call)
})

t.test('after a change of the line and a restart, the keys that the caller was told hold', async t => {
  const call = await dialAndGrant(site, '331')
  await saveLine(admin, shortLine('331', { keys: { withdraw: '#8' } }))
  await killAndRestart(site, 'SIGKILL')
  await takesBack(t, call)
})

t.test('after a change of the line to one that is not recorded, its caller is not asked again', async t => {
  const call = await dialIntoQuestion(site, '333')
  await saveLine(admin, shortLine('333', { mode: 'none' }))
  await killAndRestart(site, 'SIGKILL')
  await assertReachesAgent(t, site, call)
  await call.waitForEvent('call.released')
  const journal = (await call.read())!
  t.equal(countEvents(journal, 'consent.asked'), 1, 'asked before, not after')
  t.notOk(firstEvent(journal, 'recording.prepared'))
  t.notOk(journal.events.some(({ role }) => role === 'apology'))
})
