// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, a pipe in place of a key file. Fake: none.
// The service is killed during calls. Its successor hangs at a key file before it recovers them.
import t from 'tap'
import { exactly } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  AGENT_LIMIT_MS,
  assertReachesAgent,
  dialIntoDisclosure,
  killAndReload,
  longLine,
  measureLateness,
  shortLine,
} from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { assertTalkComplete, startTalk } from '../support/lab/unbroken-talk.js'
import { hangFile } from '../support/processes/hung-files.js'

/** From the load of the next service's code until it has a prompt played, ms. The load takes a second on a quiet machine. */
const SERVED_MS = AGENT_LIMIT_MS - 1_000

const site = await startCallLab(t, { lines: [shortLine('301'), longLine('302')] })
const { service } = site.lab

t.test(
  'a service whose start hangs at a key file serves callers, and continues the recording later',
  async t => {
    const talking = await startTalk(site)
    const waits = await dialIntoDisclosure(site, '302')
    const keys: string[] = []
    for await (const key of site.keyStore.list()) keys.push(...site.keyStore.locate(key))
    t.equal(keys.length, 1)
    const release = await hangFile(keys[0]!)
    const allowance = measureLateness()
    const loadedAt = await killAndReload(site, 'SIGKILL')
    const apology = await waits.waitForEvent('prompt.ended', event => event['role'] === 'apology')
    const served = Math.round(Date.parse(apology.at) - Number(apology['heardMs']) - loadedAt)
    const late = allowance()
    t.ok(
      served <= SERVED_MS + late,
      `the waiting caller hears a prompt within ${SERVED_MS} ms: ${served} ms; processes may have been ${late} ms late`,
    )
    const next = await PlacedCall.place(site, { number: '301' })
    await next.caller.waitForAnswer()
    await Promise.all([
      assertReachesAgent(t, site, next, next.caller.answeredAt),
      ...[next, waits].map(({ caller }) => caller.press('1')),
    ])
    await assertReachesAgent(t, site, waits)
    t.match(await service.log(), /store or key store does not answer/)
    await release()
    await talking.waitForEvent('recording.part-started', ({ number }) => number === 2)
    await assertTalkComplete(t, site, talking, { parts: 2, closed: false })
    for (const call of [next, waits])
      t.match(await call.finish(), { recordings: exactly({ state: 'finished' }) })
    t.strictSame((await site.verify()).faults, [])
  },
)
