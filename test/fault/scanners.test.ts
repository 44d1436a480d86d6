// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, sipvicious. Fake: none.
// Strangers use sipvicious to look for PBXs that they can abuse.
// Long only: a scan of the PBX; `call/hostile` has hostile numbers and names.
import t from 'tap'
import { exactly } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { assertReachesAgent, assertStoredParts, dialAndGrant, shortLine } from '../support/lab/fault-lab.js'
import { sipvicious } from '../support/processes/sipvicious.js'

const site = await startCallLab(t, { lines: [shortLine('301')] })
const { service, pbx } = site.lab
const scan = await sipvicious(pbx.sipPort, t.testdir({}))

t.test('a scan of the PBX does not disturb a recording, and no stranger is recorded', async t => {
  const before = { service: service.pid, pbx: pbx.pid }
  const talking = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, talking)
  const [devices, , extensions, passwords] = await Promise.all([
    scan('svmap'),
    scan('svwar', '-e290-310'),
    scan('svwar', '-e295-305', '-m', 'INVITE'),
    scan('svcrack', '-u', '301', '-r1-100'),
  ])
  t.match(devices, `127.0.0.1:${pbx.sipPort}`, 'the scan finds the PBX')
  t.match(extensions, 'INVITE scan', 'the scan dials extensions')
  t.match(passwords, 'found nothing')
  const { id, recordings } = await talking.finish()
  t.match(recordings, exactly({ state: 'finished' }))
  t.strictSame({ service: service.pid, pbx: pbx.pid }, before)
  const calls = await site.db.selectFrom('call').select(['id', 'decision']).execute()
  t.ok(calls.length > 10, `calls of the scan: ${calls.length - 1}`)
  t.strictSame(
    calls.filter(({ decision }) => decision === 'granted').map(call => call.id),
    [id],
    'only the caller has agreed',
  )
  await assertStoredParts(t, site, 1)
  t.strictSame((await site.verify()).faults, [])
})
