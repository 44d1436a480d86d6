// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, the command. Fake: none.
// The service makes a mistake during calls. The lab starts it again, as a supervisor does.
import t from 'tap'
import { epochMs } from '../../lab/time.js'
import { told } from '../support/data/told-events.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  assertUnrecorded,
  dialIntoDisclosure,
  dialIntoQuestion,
  killAndRestart,
  longLine,
  shortLine,
  timelineAfter,
} from '../support/lab/fault-lab.js'
import { assertTalkComplete, startTalk } from '../support/lab/unbroken-talk.js'
import { faultOnSignal, QUOTED } from '../support/processes/program-fault.js'

const site = await startCallLab(t, {
  lines: [shortLine('301'), longLine('302'), shortLine('303', { waitMs: 20_000 })],
  env: { NODE_OPTIONS: faultOnSignal },
})

t.test('a service that makes a mistake ends as one that is told to stop', async t => {
  const [talking, inPrompt, inQuestion] = await Promise.all([
    startTalk(site),
    dialIntoDisclosure(site, '302'),
    dialIntoQuestion(site, '303'),
  ])
  await inPrompt.waitForEvent('call.started')
  const since = epochMs()
  const restarted = killAndRestart(site, 'SIGUSR2')
  await Promise.all([inPrompt, inQuestion].map(call => assertReachesAgent(t, site, call, since, 5_000)))
  await restarted
  for (const call of [inPrompt, inQuestion])
    assertUnrecorded(t, await timelineAfter(call, 'call.released'), 'service-stopping')
  await talking.waitForEvent('recording.part-started', ({ number }) => number === 2)
  t.equal(talking.caller.end, undefined, 'the call was not dropped')
  await assertTalkComplete(t, site, talking, { parts: 2, closed: true })
  const log = await site.lab.service.log()
  t.match(log, /"level":60.*"kind":"TypeError".*"msg":"an error that nothing has caught: this process ends"/)
  t.match(log, /"whole":true,"msg":"stopped"/)
  t.notOk(log.includes(QUOTED))
  const stopped = await told(site.db).select('data').where('type', '=', 'service.stopped').execute()
  t.strictSame(stopped, [{ data: { reason: 'fault' } }])
})
