// Real: the units of the package, systemd-analyze. Fake: the programs that the units start, as far as they are not on this machine.
import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { scratch } from '../../support/processes/database.js'

const run = promisify(execFile)
const { systemd } = await prepareTools(['systemd'])
const analyze = join(systemd, 'bin', 'systemd-analyze')
const source = join(projectRoot(), 'packaging', 'systemd')
const names = await readdir(source)
const dir = await scratch(t)
const texts = new Map<string, string>()
for (const name of names) {
  const text = await readFile(join(source, name), 'utf8')
  texts.set(name, text)
  // systemd-analyze wants programs that exist.
  await writeFile(join(dir, name), text.replaceAll(/\/usr\/bin\/(node|systemd-tmpfiles)/g, process.execPath))
}
const units = names.map(name => join(dir, name))

/** Settings of a unit, by name. A setting that is given several times has several values. */
const valuesOf = (unit: string, setting: string): string[] =>
  [...texts.get(unit)!.matchAll(new RegExp(`^${setting}=(.*)$`, 'gm'))].map(([, value]) => value!)

t.test('systemd finds nothing wrong in the units', async t => {
  t.strictSame(names, [
    'consentry-console.service',
    'consentry-keeper.service',
    'consentry-migrate.service',
    'consentry.service',
  ])
  const { stderr } = await run(analyze, ['verify', '--man=no', ...units])
  t.equal(stderr, '')
})

t.test('a fault in a unit is found', async t => {
  const broken = join(dir, 'broken.service')
  await writeFile(broken, `${texts.get('consentry-keeper.service')}\n[Service]\nRestart=sometimes\n`)
  const { stderr } = await run(analyze, ['verify', '--man=no', broken]).catch(error => error)
  t.match(stderr, /Restart=|sometimes/)
})

t.test('each unit is confined: its exposure is at most 1.5', async t => {
  for (const unit of units) {
    const { stdout } = await run(analyze, ['security', '--offline=true', '--no-pager', unit])
    const [, exposure] = /Overall exposure level for .*: (\d+\.\d+)/.exec(stdout) ?? []
    t.ok(Number(exposure) <= 1.5, `${unit}: ${exposure}`)
  }
})

t.test('what must stay in memory reaches no disk', async t => {
  for (const unit of names) {
    t.strictSame(valuesOf(unit, 'LimitCORE'), ['0'], unit)
    t.strictSame(valuesOf(unit, 'MemorySwapMax'), ['0'], unit)
    t.strictSame(valuesOf(unit, 'RemoveIPC'), [], `${unit} keeps keys in shared memory`)
  }
})

t.test('the log of each unit has a name of its own', async t => {
  for (const unit of names) t.strictSame(valuesOf(unit, 'SyslogIdentifier'), [unit.replace('.service', '')])
})

t.test('the keeper outlives the service and knows no secret', async t => {
  t.strictSame(valuesOf('consentry-keeper.service', 'EnvironmentFile'), [])
  for (const setting of ['BindsTo', 'PartOf', 'Requires'])
    t.strictSame(valuesOf('consentry-keeper.service', setting), [], setting)
  t.match(valuesOf('consentry.service', 'Wants').join(' '), 'consentry-keeper.service')
  const [input] = valuesOf('consentry-keeper.service', 'StandardInputText')
  const { tapDir, socket, ...rest } = JSON.parse(input!)
  t.strictSame(rest, { limits: { idleEndMs: 31_536_000_000 } })
  t.ok(valuesOf('consentry.service', 'Environment').includes(`CONSENTRY_KEEPER_SOCKET=${socket}`))
  const example = await readFile(join(projectRoot(), 'packaging', 'host', 'consentry.env'), 'utf8')
  t.match(example, `CONSENTRY_TAP_DIR=${tapDir}\n`)
  const folders = await readFile(join(projectRoot(), 'packaging', 'host', 'tmpfiles.conf'), 'utf8')
  t.match(folders, new RegExp(`^d ${tapDir} +2750 consentry asterisk$`, 'm'))
})

t.test(
  "the owner's password reaches the migration alone, and the service's none but the service",
  async t => {
    for (const unit of names) {
      const text = texts.get(unit)!
      t.equal(/database-admin-url/.test(text), unit === 'consentry-migrate.service', unit)
    }
    const kept = valuesOf('consentry-console.service', 'UnsetEnvironment').join(' ').split(' ')
    for (const name of ['DATABASE_URL', 'ARI_PASSWORD', 'CONSENTRY_API_TOKEN'])
      t.ok(kept.includes(name) && kept.includes(`${name}_FILE`), name)
  },
)
