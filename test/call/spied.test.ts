// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// A supervisor's phone whispers to the agent of a call. Then somebody from outside dials an extension that listens to all calls.
// Long only: listening by `ChanSpy`; `call/parties` has the other ways to join.
import t from 'tap'
import { waitForAlarm } from '../support/assertions/alarms.js'
import { matchEach } from '../support/assertions/match-each.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { dial, finish, LIMIT, pickUp, talkTo } from '../support/situations/company.js'

const { agents, supervises } = await openPhones(t, 'agents', 'supervises')
const lab = await startCallLab(t, {
  extensions: `
exten => 848,1,Gosub(consentry,s,1)
 same =>     n,Dial(${agents.agentEndpoint},30)
exten => 849,1,Answer()
 same =>     n,ChanSpy(,q)
`,
  lines: [quickLine('848')],
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
})
const { pbx } = lab.lab

t.test('who listens to a call is journalled, and raises an alarm from outside', async t => {
  const placed = await dial(lab, '848')
  await talkTo(placed, agents)
  const [agent] = /^PJSIP\/agent-[0-9a-f]+/m.exec(await pbx.cli('core show channels concise'))!
  await pbx.cli(`channel originate ${supervises.agentEndpoint} application ChanSpy ${agent},qw`)
  const supervisor = await pickUp(supervises)
  const first = await placed.waitForEvent('call.spied')
  t.match(first, { endpoint: 'PJSIP/agent', mode: 'whisper', inside: true, others: 0 })
  await supervisor.hangup()
  t.match(await placed.waitForEvent('call.spy-left'), { endpoint: 'PJSIP/agent' })

  const outside = await PlacedCall.place(lab, { number: '849' })
  await outside.caller.waitForAnswer(LIMIT)
  await waitForAlarm(lab, 'call-spied', true)
  await outside.caller.hangup()
  const call = await finish(placed)
  matchEach(
    t,
    call.events.filter(({ type }) => type === 'call.spied'),
    [{ inside: true }, { endpoint: 'PJSIP/caller', mode: 'listen', inside: false, others: 0 }],
  )
})
