import t from 'tap'
import type { CheckName, CheckResult, Outcome } from '../../../src/site/check/check.js'
import { note } from './figures.js'
import type { Machine } from './machine.js'
import { MISTAKES } from './mistakes.js'
import { askInDialplan, prepareAsterisk, waitForAsterisk, waitForService } from './pbx.js'

/** Fewest mistakes that must be found. */
const LEAST = 30

type Told = Omit<CheckResult, 'outcome'> & Outcome

/** Sets up a machine without the scripts of the package, then makes every mistake in turn. */
export function checkFindsMistakes(machine: Machine): void {
  t.test('setup makes the user where the package was only unpacked, as on systems without dpkg', async t => {
    await machine.on()
    await prepareAsterisk(machine)
    await machine.sh('dpkg-deb --extract consentry_0.1.0-1_amd64.deb /\nmkdir /media/keys')
    t.equal(await machine.sh('getent passwd consentry || true'), '', 'there is no user before')
    t.match(
      await machine.sh('consentry setup --yes --keys /media/keys'),
      /\$ systemd-sysusers consentry\.conf/,
    )
    t.equal(await machine.sh('stat -c "%a %U %G" /run/consentry/tap'), '2750 consentry asterisk\n')
    await machine.sh('systemctl restart asterisk')
    await waitForAsterisk(machine)
    await waitForService(machine)
    await askInDialplan(machine)
    await machine.sh(`asterisk -rx 'dialplan reload'`)
  })

  t.test('nothing is found on a sound installation, and each mistake is found by its setting', async t => {
    await machine.sh('consentry company --trial --by anna')
    await machine.sh('consentry line set /usr/share/doc/consentry/examples/line.json --by anna')
    t.strictSame(await wrongChecks(machine), [], 'nothing is wrong before')
    for (const [mistake, { plant, mend, check, setting, also = [] }] of Object.entries(MISTAKES)) {
      await machine.sh(plant)
      const wrong = await wrongChecks(machine)
      t.strictSame(names(wrong), [...also, check].sort(), `${mistake}: which checks find it`)
      const faults = wrong.flatMap(one => (one.name === check && one.state === 'fault' ? one.faults : []))
      t.match(
        faults[0],
        { setting, remedy: { en: /./, ru: /[а-яё]|systemctl|chmod|chown|asterisk -rx/ } },
        mistake,
      )
      await machine.sh(mend)
    }
    await waitForService(machine)
    t.strictSame(await wrongChecks(machine), [], 'nothing is wrong afterwards')
    const many = Object.keys(MISTAKES).length
    t.ok(many >= LEAST)
    note(`consentry check: ${many} of ${many} mistakes found, each with setting and remedy`)
  })
}

/** The checks that find more than a weak point. Asserts that the exit code says the same. */
async function wrongChecks(machine: Machine): Promise<Told[]> {
  const said = await machine.sh('consentry check --json && echo 0 || echo $?')
  const [, json = '', code] = /^(\{.*\})\s+(\d+)\s*$/s.exec(said) ?? []
  const { ok, checks } = JSON.parse(json) as { ok: boolean; checks: Told[] }
  const wrong = checks.filter(one => one.state === 'fault' && one.faults.some(({ weak }) => !weak))
  if (ok !== (wrong.length === 0) || code !== (ok ? '0' : '1'))
    throw new Error(`the exit code is ${code}, ok is ${ok}, and ${wrong.length} checks find something`)
  return wrong
}

const names = (told: readonly Told[]): CheckName[] => told.map(({ name }) => name).sort()
