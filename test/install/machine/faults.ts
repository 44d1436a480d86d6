import t, { type Test } from 'tap'
import { pollUntil } from '../../../lab/process/start-process.js'
import { outcomeOf, ring } from './calls.js'
import { note } from './figures.js'
import { IDENTITY } from './first-call.js'
import type { Machine } from './machine.js'
import { waitForRecordings, waitForService } from './pbx.js'

const CALLS = 5
/** How long the callers of a fault talk, ms. */
const TALK_MS = 20_000
/** Longest time until systemd has replaced what hangs, ms: the watchdog has 30 s. */
const REPLACED_MS = 60_000
/** What systemd does about units that are killed, hang, or are started late. */
export function faultsOfUnits(machine: Machine): void {
  /** Does something to a unit in the middle of calls. */
  async function inCalls(t: Test, what: string, fault: () => Promise<unknown>): Promise<void> {
    const callers = await ring(CALLS, TALK_MS)
    await waitForRecordings(machine, CALLS)
    await fault()
    await waitForService(machine)
    await t.resolves(callers.waitUntilDone(), 'no call is dropped')
    const states = ['finished', 'truncated']
    const { lostSamples, gaps } = await outcomeOf(t, machine, { calls: CALLS, identity: IDENTITY, states })
    note(`${what}: 0 of ${CALLS} calls dropped, ${lostSamples} samples lost, ${gaps} gaps journalled`)
  }
  /** Stops the main process of a unit where it is, and waits until it is replaced. */
  async function freeze(t: Test, unit: string): Promise<void> {
    const pid = await machine.pid(unit)
    await machine.sh(`kill -STOP ${pid}`)
    const replaced = async () => ![0, pid].includes(await machine.pid(unit))
    t.ok(await pollUntil(replaced, REPLACED_MS), `${unit} is replaced`)
  }

  t.test('SIGKILL of the keeper in calls', t =>
    inCalls(t, 'SIGKILL of the keeper', () => machine.sh('systemctl kill --signal=KILL consentry-keeper')),
  )
  t.test('SIGKILL of the console in calls', t =>
    inCalls(t, 'SIGKILL of the console', async () => {
      await machine.sh('systemctl kill --signal=KILL consentry-console')
      t.ok(await pollUntil(() => machine.isActive('consentry-console'), REPLACED_MS))
    }),
  )
  t.test('a keeper that hangs in calls is killed by the service, and replaced', t =>
    inCalls(t, 'a hanging keeper', () => freeze(t, 'consentry-keeper')),
  )
  t.test('a service that hangs is killed by the watchdog, and replaced', async t => {
    await freeze(t, 'consentry')
    await waitForService(machine)
  })

  t.test('a service that starts while the keeper hangs has it replaced', async t => {
    const keeper = await machine.pid('consentry-keeper')
    await machine.sh(`kill -STOP ${keeper} && systemctl restart consentry`)
    t.not(await machine.pid('consentry-keeper'), keeper)
    await waitForService(machine)
  })

  t.test('a keeper that starts later than the service is waited for', async t => {
    const dropIn = '/run/systemd/system/consentry-keeper.service.d/late.conf'
    await machine.sh(`systemctl stop consentry consentry-keeper
mkdir -p ${dropIn.replace(/\/[^/]*$/, '')}
printf '[Service]\\nExecStartPre=/bin/sleep 8\\n' >${dropIn}
systemctl daemon-reload
systemctl start --no-block consentry-keeper
systemctl start consentry`)
    t.equal((await machine.sh('systemctl show -P NRestarts consentry')).trim(), '0', 'at its first start')
    await machine.sh(`rm ${dropIn} && systemctl daemon-reload`)
    await waitForService(machine)
  })

  t.test('stop leaves nothing over but the keeper, and start goes on', async t => {
    await machine.sh('systemctl stop consentry')
    // A keeper with nothing to keep ends with the service, and its unit starts the next one.
    const onlyKeeper = async () =>
      /^\d+ consentry keeper\n$/.test(await machine.sh('pgrep -u consentry -a || true'))
    t.ok(await pollUntil(onlyKeeper, REPLACED_MS))
    await machine.sh('systemctl start consentry consentry-console')
    await waitForService(machine)
  })

  t.test('after a reboot everything runs, and the next call is recorded', async t => {
    await machine.off()
    await machine.on()
    for (const unit of ['consentry-migrate', 'consentry-keeper', 'consentry', 'consentry-console'])
      t.ok(await machine.isActive(unit), unit)
    await waitForService(machine)
    const caller = await ring(1, 5_000)
    await caller.waitUntilDone()
    t.match(await outcomeOf(t, machine, { calls: 1, identity: IDENTITY }), { lostSamples: 0, gaps: 0 })
    t.match(await machine.sh('consentry verify'), /All holds/)
  })
}
