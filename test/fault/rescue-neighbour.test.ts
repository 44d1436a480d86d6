// Real: everything. A second ARI application has a channel that the keeper watches; the service is killed.
import t from 'tap'
import { epochMs } from '../../lab/time.js'
import { LabApp } from '../call/lab-app.js'
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

t.test('a rescue leaves a recorded caller with the application that has the channel', async t => {
  const talking = await dialAndGrant(site, '320')
  const { id } = await neighbour.arrival('320')
  const inPrompt = await dialIntoDisclosure(site, '302')
  // Of a call whose first event is not committed a killed service leaves nothing to its successor.
  await inPrompt.waitForEvent('call.started')
  service.stopSupervising()
  service.kill('SIGKILL')
  await assertReachesAgent(t, site, inPrompt, epochMs())
  const play = { media: 'sound:silence/1' }
  await t.resolves(
    neighbour.rest('POST', `channels/${id}/play?${new URLSearchParams(play)}`),
    'the neighbour still has the channel',
  )

  service.start()
  await service.waitUntilReady()
  await inPrompt.waitForEvent('call.rescued')
  t.match(await neighbour.arrival('320'), { id }, 'nor does the next service take it')
  const call = await talking.finish()
  t.match(call, { decision: 'granted', recordings: [{ state: 'finished' }] }, 'its recording goes on')
  t.notOk(call.events.some(({ type }) => type === 'call.rescued'))
})
