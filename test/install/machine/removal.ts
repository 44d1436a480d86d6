import t from 'tap'
import { NUMBER, ring } from './calls.js'
import type { Machine } from './machine.js'
import { waitForAsterisk, waitForRecordings, waitForService } from './pbx.js'

/** How long the caller of a removal talks, ms: all that is done meanwhile, on a busy machine. */
const TALK_MS = 20_000
/** How long other callers talk, ms. */
const SHORT_MS = 5_000

const channels = (machine: Machine) => machine.sh("asterisk -rx 'core show channels concise'")

/** Removes the package from a machine that setup has set up, where it was only unpacked. Its dialplan still names Consentry. */
export function removePackage(machine: Machine): void {
  t.test('the package is installed over what was unpacked', async () => {
    await machine.sh('apt-get -q -y install ./consentry_0.1.0-1_amd64.deb && systemctl restart consentry')
    await waitForService(machine)
  })

  t.test('the package is removed in a call, which goes on, and the next call passes', async t => {
    const caller = await ring(1, TALK_MS)
    await waitForRecordings(machine, 1)
    const said = await machine.sh('apt-get -q -y remove consentry')
    t.match(said, /-password = ••••••[\s\S]*What stays:[\s\S]*consentry-extensions\.conf/)
    t.match(await channels(machine), new RegExp(`!from-trunk!${NUMBER}!`), 'the call goes on')
    await caller.waitUntilDone()
    const next = await ring(1, SHORT_MS)
    await next.waitUntilDone()
  })

  t.test('after a start of Asterisk, calls still come to their agent', async t => {
    await machine.sh('systemctl restart asterisk')
    await waitForAsterisk(machine)
    t.notMatch(
      await machine.sh('cat /var/log/asterisk/messages* 2>/dev/null || true'),
      /listed as a #include but/,
    )
    const caller = await ring(1, SHORT_MS)
    await caller.waitUntilDone()
    const left =
      'ls /usr/lib/consentry /etc/asterisk/consentry-*.conf /etc/systemd/system/asterisk.service.d 2>&1 || true'
    t.notMatch(await machine.sh(left), /consentry-(ari|http|options)\.conf|[.]d\/consentry|bin$/)
    t.match(await machine.sh('ls -d /var/lib/consentry-keys /etc/consentry/consentry.env'), /env[\s\S]*keys/)
  })

  t.test('an installation after that records again', async () => {
    await machine.sh('apt-get -q -y install ./consentry_0.1.0-1_amd64.deb && consentry setup --yes')
    await machine.sh('systemctl restart asterisk')
    await waitForAsterisk(machine)
    const caller = await ring(1, SHORT_MS)
    await waitForRecordings(machine, 1)
    await caller.waitUntilDone()
  })
}
