import t from 'tap'
import { outcomeOf, ring } from './calls.js'
import { note } from './figures.js'
import { IDENTITY } from './first-call.js'
import type { Machine } from './machine.js'
import { install } from './pages.js'
import { waitForRecordings } from './pbx.js'

const CALLS = 20
/** How long each caller talks, ms: all that is done meanwhile, on a busy machine. */
const TALK_MS = 100_000

/** Upgrade, SIGKILL of the service and downgrade, with calls. */
export function upgradeInCalls(machine: Machine): void {
  t.test(
    `upgrade, SIGKILL and downgrade with ${CALLS} calls: none is dropped, no sample is lost`,
    async t => {
      const keeper = await machine.pid('consentry-keeper')
      const callers = await ring(CALLS, TALK_MS)
      await waitForRecordings(machine, CALLS)

      const before = await machine.pid('consentry')
      const [apt, ...restart] = install.take('Upgrade and downgrade').trim().split('\n')
      await machine.sh(apt!)
      t.equal(await machine.pid('consentry'), before, 'the installation restarts nothing')
      await machine.sh(restart.join('\n'))
      t.match(await machine.sh('dpkg-query -W consentry'), /-2\n/)
      await waitForRecordings(machine, CALLS)

      await machine.sh('systemctl kill --signal=KILL consentry')
      await waitForRecordings(machine, CALLS)

      await machine.sh(install.take('Upgrade and downgrade'))
      t.match(await machine.sh('dpkg-query -W consentry'), /-1\n/)
      await waitForRecordings(machine, CALLS)
      t.equal(await machine.pid('consentry-keeper'), keeper, 'the keeper stays')

      await t.resolves(callers.waitUntilDone(), 'no call is dropped')
      const outcome = await outcomeOf(t, machine, { calls: CALLS, identity: IDENTITY })
      note(`upgrade, SIGKILL, downgrade: 0 of ${CALLS} calls dropped, ${outcome.lostSamples} samples lost`)
      // A service that is killed before a call's first audio comes to it begins no part.
      t.ok(outcome.parts > CALLS, `${outcome.parts} parts: recordings go on`)
      t.match(outcome, { gaps: 0, lostSamples: 0 })
      t.match(await machine.sh('consentry verify'), /All holds/)
    },
  )
}
