// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, a second ARI application. Fake: none.
// The other application has a channel that the keeper watches. The service is killed.
import t from 'tap'
import { epochMs } from '../../lab/time.js'
import { LabApp } from '../call/lab-app.js'
import { exactly } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  dialAndGrant,
  dialIntoDisclosure,
  longLine,
  shortLine,
} from '../support/lab/fault-lab.js'

const NEIGHBOUR = 'neighbour'
const site = await startCallLab(t, {
  lines: [shortLine('320'), longLine('302')],
  extensions: `
exten => 320,1,Gosub(consentry,s,1)
 same =>     n,Stasis(${NEIGHBOUR},\${EXTEN})
 same =>     n,Dial(Local/talk@lab-agent)
`,
})
const { pbx, service } = site.lab
const neighbour = await LabApp.open({ ...pbx, ari: { ...pbx.ari, app: NEIGHBOUR } })
t.teardown(() => neighbour.close())

t.test('a rescue does not take a recorded caller from another application', async t => {
  const talking = await dialAndGrant(site, '320')
  const { id } = await neighbour.arrival('320')
  const inPrompt = await dialIntoDisclosure(site, '302')
  // A successor knows only calls whose first event is committed.
  await inPrompt.waitForEvent('call.started')
  service.stopSupervising()
  service.kill('SIGKILL')
  await assertReachesAgent(t, site, inPrompt, epochMs())
  const play = { media: 'sound:silence/1' }
  await t.resolves(
    neighbour.rest('POST', `channels/${id}/play?${new URLSearchParams(play)}`),
    'the other application still has the channel',
  )

  service.start()
  await service.waitUntilReady()
  await inPrompt.waitForEvent('call.rescued')
  t.match(await neighbour.arrival('320'), { id }, 'the next service does not take the channel')
  const call = await talking.finish()
  t.match(call, { decision: 'granted', recordings: exactly({ state: 'finished' }) }, 'the recording goes on')
  t.notOk(call.events.some(({ type }) => type === 'call.rescued'))
})
