// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// A line changes while it has callers. Then the service is killed, or the caller reaches another line.
import t, { type Test } from 'tap'
import { setLabLines } from '../../lab/lab-lines.js'
import { openDatabase } from '../../src/db/database.js'
import { exactly } from '../support/assertions/exactly.js'
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

const disclosed = { keys: { withdraw: '#5' }, onWithdraw: 'keep' }
const site = await startCallLab(t, {
  lines: [
    shortLine('330', disclosed),
    shortLine('331', disclosed),
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

/** Types the keys during the talk, and asserts the withdrawal. */
async function withdraws(t: Test, call: PlacedCall): Promise<void> {
  await call.waitForEvent('recording.part-started')
  await call.caller.pressKeys('#8')
  await call.caller.pressKeys('#5')
  await call.waitForEvent('consent.withdrawn')
  const journal = await call.finish()
  t.match(firstEvent(journal, 'consent.withdrawn'), { purposes: exactly('service'), keep: true })
  t.equal(countEvents(journal, 'consent.withdrawn'), 1)
  t.match(journal.recordings, exactly({ state: 'finished' }), 'the recording up to the withdrawal is kept')
}

t.test('a caller who reached another line withdraws with the keys of the first disclosure', async t => {
  const call = await dialAndGrant(site, '330')
  await call.waitForEvent('call.passed-through')
  await withdraws(t, call)
})

t.test(
  'after a change of the line and a restart a caller withdraws with the keys of the disclosure',
  async t => {
    const call = await dialAndGrant(site, '331')
    await setLabLines(admin, site.lab.database.adminUrl, shortLine('331', { keys: { withdraw: '#8' } }))
    await killAndRestart(site, 'SIGKILL')
    await withdraws(t, call)
  },
)

t.test('a caller is not asked again after the line was changed to one without recording', async t => {
  const call = await dialIntoQuestion(site, '333')
  await setLabLines(admin, site.lab.database.adminUrl, shortLine('333', { mode: 'none' }))
  await killAndRestart(site, 'SIGKILL')
  await assertReachesAgent(t, site, call)
  await call.waitForEvent('call.released')
  const journal = (await call.read())!
  t.equal(countEvents(journal, 'consent.asked'), 1, 'asked only before the restart')
  t.notOk(firstEvent(journal, 'recording.prepared'))
  t.notOk(journal.events.some(({ role }) => role === 'apology'))
})
