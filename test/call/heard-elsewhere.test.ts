// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Somebody joins a recorded conversation, agrees, and withdraws.
import t from 'tap'
import { heardIn } from '../../src/journal/read/heard-in.js'
import { listWithdrawnElsewhere } from '../../src/rights/withdrawn-elsewhere.js'
import { exactly, none } from '../support/assertions/exactly.js'
import { LONG_WAIT_MS, quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { connect, dial, finish, LIMIT, stayApart, waitUntilConnected } from '../support/situations/company.js'

const { confers } = await openPhones(t, 'confers')
const extensions = `
exten => 855,1,Gosub(consentry,s,1)
 same =>     n,Goto(857,1)
exten => 857,1,Set(CONFBRIDGE(user,quiet)=yes)
 same =>     n,ConfBridge(room)
`
const lab = await startCallLab(t, {
  extensions,
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  lines: [quickLine('855', { waitMs: LONG_WAIT_MS, onOutsider: 'ask' })],
})

t.test('whoever withdraws is found in the recording of the other caller, up to then', async t => {
  const placed = await dial(lab, '855')
  const agent = await connect(lab, confers, 'extension 857@from-lab')
  await waitUntilConnected(agent, placed.caller)
  const outsider = await PlacedCall.place(lab, { number: '857' })
  await outsider.caller.waitForAnswer(LIMIT)
  await outsider.waitForEvent('consent.asked')
  await outsider.caller.press('1')
  const { at: resumed } = await placed.waitForEvent('recording.resumed')
  await stayApart()
  await outsider.caller.pressKeys('*9')
  const { at: withdrawn } = await outsider.waitForEvent('consent.withdrawn')
  const { at: paused } = await placed.waitForEvent('recording.paused', ({ at }) => at > resumed)
  await stayApart()
  const other = await outsider.finish()
  await placed.waitForEvent('call.party-left')
  const call = await finish(placed)
  await agent.hangup()

  t.match(other, { purposes: exactly({ answer: 'granted', withdrawnAt: withdrawn }), recordings: none })
  const [recording] = call.recordings
  t.match(call, { recordings: exactly({ state: 'finished' }), purposes: exactly({ answer: 'granted' }) })
  t.strictSame(await heardIn(lab.db, [other.id]), [
    {
      ...{ recording: recording!.id, call: call.id, heard: other.id, purpose: 'service', state: 'finished' },
      withdrawnAt: withdrawn,
      intervals: [{ from: resumed, to: [withdrawn, paused].sort()[0] }],
    },
  ])
  const waiting = await listWithdrawnElsewhere(lab.db, Date.now())
  t.match(waiting, exactly({ call: other.id, recordings: exactly({ recording: recording!.id }) }))
  t.match(
    call.events.filter(({ type }) => type === 'call.party-left'),
    exactly({ party: other.id }),
  )
})
