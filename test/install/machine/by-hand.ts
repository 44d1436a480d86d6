import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'
import { blocksOf } from '../guides/guide.js'
import { outcomeOf, ring } from './calls.js'
import type { Machine } from './machine.js'
import { install } from './pages.js'
import { ASKED, prepareAsterisk, waitForAsterisk } from './pbx.js'

/** Asterisk's files in docs/asterisk.md, in their order. */
const FILES = ['ari.conf', 'http.conf', 'asterisk.conf', 'extensions.conf']

/** Installs without setup, as the pages say it is done by hand. */
export function installByHand(machine: Machine): void {
  t.test('the installation by hand, without setup, records the next call', async t => {
    await machine.on()
    await prepareAsterisk(machine)
    await machine.sh('apt-get -q -y install ./consentry_0.1.0-1_amd64.deb')
    const page = readFileSync(join(projectRoot(), 'docs', 'asterisk.md'), 'utf8')
    const files = blocksOf(page).filter(({ heading }) => heading === 'Configuration')
    for (const [at, name] of FILES.entries()) {
      const { text } = files[at]!
      const mine = name === 'extensions.conf' ? `${text.split('[from-trunk]')[0]}${ASKED}` : text
      await machine.write(`etc/asterisk/${name}`, mine)
    }
    await machine.sh('cp /usr/lib/consentry/asterisk/entry.conf /etc/asterisk/consentry-extensions.conf')
    await machine.sh('systemctl restart asterisk')
    await waitForAsterisk(machine)
    await machine.sh(install.take('PostgreSQL'))
    await machine.sh(install.take('A role for the console'))
    await machine.sh(install.take('A role for the console'))
    await machine.sh(install.take('Keys'))
    await machine.sh(install.take('Keys'))
    await machine.sh(install.take('Service'))
    await machine.sh(install.take('Service'))
    await machine.sh(install.take('Service'))
    await machine.sh('consentry company --trial --by anna')
    await machine.sh('consentry line set /usr/share/doc/consentry/examples/line.json --by anna')
    const caller = await ring(1, 5_000)
    await caller.waitUntilDone()
    // The guide draws the keys into a folder below where its reader is.
    const identity = (await machine.sh('readlink -f keys/identity.json')).trim()
    t.match(await outcomeOf(t, machine, { calls: 1, identity }), { lostSamples: 0, gaps: 0 })
    t.match(await machine.sh('consentry verify'), /All holds/)
  })
}
