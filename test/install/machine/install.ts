// Real: Debian, systemd, apt and dpkg, the packages, PostgreSQL, Asterisk, SIP callers. Fake: the hardware, for which systemd-nspawn stands in;
// removable disks are folders.
// The commands are those of docs/install.md and docs/operate.md.
import { copyFile, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { installByHand } from './by-hand.js'
import { checkFindsMistakes } from './check-finds.js'
import { faultsOfUnits } from './faults.js'
import { say, tellFigures } from './figures.js'
import { firstCall } from './first-call.js'
import { Machine } from './machine.js'
import { maintainMachine, promoteStandby, restoreMachine } from './maintenance.js'
import { install, maintain } from './pages.js'
import { removePackage } from './removal.js'
import { upgradeInCalls } from './upgrade.js'

const inside = process.env['CONSENTRY_TEST_INSIDE']
if (!inside) throw new Error('run it by `npm run test:install`, which makes roots and packages')
const { roots, work, packages, builds } = JSON.parse(inside) as {
  roots: string
  work: string
  packages: string
  /** Folders with the packages as they were built in two environments. */
  builds: [string, string]
}

const machines: Machine[] = []

/** A machine with the packages in the home folder of root. */
async function newMachine(base: 'stock' | 'ready', name: string): Promise<Machine> {
  const machine = await Machine.make(join(roots, base), join(work, name))
  machines.push(machine)
  for (const file of await readdir(packages))
    await copyFile(join(packages, file), join(machine.root, 'root', file))
  return machine
}

// The first failure ends this process at once.
process.once('exit', code => {
  if (code !== 0) say(machines.at(-1)?.said() ?? 'no machine was made')
  for (const machine of machines) machine.kill()
  tellFigures()
})

const first = await newMachine('stock', 'first')
await first.on()
firstCall(first)
upgradeInCalls(first)
faultsOfUnits(first)
maintainMachine(first)
t.test('the first machine is switched off', async () => {
  await first.off()
})

const second = await newMachine('ready', 'second')
restoreMachine(first, second)
promoteStandby(second)
t.test('the second machine is switched off', async () => {
  await second.off()
})

const third = await newMachine('ready', 'third')
installByHand(third)
t.test('the third machine is switched off', async () => {
  await third.off()
})

const fourth = await newMachine('ready', 'fourth')
checkFindsMistakes(fourth)
removePackage(fourth)
t.test('the fourth machine is switched off', async () => {
  await fourth.off()
})

t.test('packages that are built again, in another environment, have the same bytes', async t => {
  const [one, other] = builds
  const names = (await readdir(one)).sort()
  t.strictSame([names.length, (await readdir(other)).sort()], [2, names])
  for (const name of names)
    t.ok((await readFile(join(one, name))).equals(await readFile(join(other, name))), name)
})

t.test('each block of commands of the pages was run', async t => {
  t.strictSame([...install.untaken(), ...maintain.untaken()], [])
})
