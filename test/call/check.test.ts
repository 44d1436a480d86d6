// Real: Asterisk, the service, PostgreSQL, keeper, the command. Fake: the mistakes, which are planted in the running PBX.
// One lab for all: each mistake is planted, found and taken away again.
import { chmod, cp, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { keepersOf } from '../../lab/process/end-keeper.js'
import { mayUseRealTime } from '../../lab/process/start-process.js'
import { THIS_HOST } from '../../src/lib/host/processes.js'
import { CHECK_NAMES, type CheckName, type CheckResult, type Outcome } from '../../src/site/check/check.js'
import { checkSite } from '../../src/site/check/check-site.js'
import { openSite } from '../../src/site/facts/site.js'
import { applyChange } from '../../src/site/setup/apply.js'
import { planAsteriskFiles } from '../../src/site/setup/asterisk-files.js'
import { waitForAlarm } from '../support/assertions/alarms.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { consentry } from '../support/processes/command.js'
import { PROMPTS } from '../support/processes/converted-prompts.js'
import { until } from '../support/processes/database.js'

t.setTimeout(600_000)
const realTime = mayUseRealTime()
const site = await startCallLab(t, { realTime, env: { CONSENTRY_INSIDE: 'PJSIP/agent' } })
const { lab } = site
const { pbx } = lab
/** Sets how FreePBX records the calls of an extension with people outside. */
const EXTERNAL = 'database put AMPUSER/701 recording/in/external'
/** What the service has. The environment of verbs also has the identity. */
const { env } = lab.service

/** Runs checks as the command does, in this process. */
async function run(only: CheckName[], changed: Record<string, string> = {}): Promise<CheckResult[]> {
  const opened = openSite({ host: THIS_HOST, settings: { ...env, ...changed } })
  try {
    return await checkSite(opened, only)
  } finally {
    await opened.close()
  }
}

const faultsIn = (results: readonly CheckResult[]) =>
  results.flatMap(({ outcome }) => (outcome.state === 'fault' ? outcome.faults : []))

interface Wanted {
  setting: RegExp
  found?: RegExp
  changed?: Record<string, string>
}

async function assertFound(t: Test, check: CheckName, { setting, found, changed }: Wanted): Promise<void> {
  const results = await run([check], changed)
  const faults = faultsIn(results)
  t.equal(faults.length, 1, `one fault: ${JSON.stringify(results)}`)
  t.match(faults[0]?.setting, setting)
  if (found) t.match(faults[0]?.found.en, found)
}

async function assertSound(t: Test, ...only: CheckName[]): Promise<void> {
  const results = await run(only)
  t.strictSame([...new Set(results.map(({ outcome }) => outcome.state))], ['sound'], JSON.stringify(results))
}

t.test('of a sound installation nothing is found, and nothing is left of the look', async t => {
  // The service looks at both sides some seconds after its start.
  await until(async () => (await run(['sides']))[0]?.outcome.state !== 'unknown')
  const { code, out } = await consentry(env, 'check', '--json')
  const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: ({ name: CheckName } & Outcome)[] }
  const faults = checks.flatMap(one => (one.state === 'fault' ? one.faults : []))
  const weak = realTime ? [] : ['highpriority (asterisk.conf)']
  t.strictSame(
    faults.map(({ setting }) => setting),
    weak,
    JSON.stringify(faults),
  )
  t.strictSame({ code, ok }, { code: 0, ok: true })
  t.strictSame(
    checks.map(({ name }) => name),
    CHECK_NAMES,
  )
  const unseen = checks.filter(({ state }) => state === 'unknown')
  t.strictSame(unseen, [], 'everything was looked at')
  const channels = async () => (await pbx.cli('core show channels concise')).trim()
  // The service looks, too, some seconds after its start.
  await until(async () => (await channels()) === '')
  t.equal(await channels(), '', 'no channel is left')
  const calls = await site.db.selectFrom('call').select('id').execute()
  t.strictSame(calls, [], 'and no call was seen')
  t.strictSame(await alarms(), [], 'and the service has raised no alarm of it')
})

const alarms = async () =>
  (await site.db.selectFrom('event').select('data').where('type', '=', 'alarm.raised').execute()).flatMap(
    ({ data }) => ((data as { alarm: string }).alarm === 'misconfigured' ? [data] : []),
  )

t.test('people read it as a table, in their language', async t => {
  const english = await consentry(env, 'check', '--only', 'pbx', '--lang', 'en')
  t.match(english, { code: 0, out: /✔ PBX +Asterisk \d+\.\S+, http:\S+\nNothing is wrong\./ })
  const russian = await consentry(
    { ...env, LANG: 'ru_RU.UTF-8', ARI_PASSWORD: 'wrong' },
    'check',
    '--only',
    'pbx',
  )
  t.match(russian, {
    code: 1,
    out: /✘ АТС +Недоступна[\s\S]*ARI_USERNAME, ARI_PASSWORD: Укажите[\s\S]*ошибку: 1\./,
  })
  t.match(await consentry(env, 'check', '--only', 'weather'), { code: 2, err: /there is no check "weather"/ })
})

t.test('a PBX that is not reached, or not by this user, is found', async t => {
  await assertFound(t, 'pbx', { setting: /^ARI_URL$/, changed: { ARI_URL: 'http://127.0.0.1:1' } })
  await assertFound(t, 'pbx', {
    ...{ setting: /^ARI_URL$/, found: /not an Asterisk REST interface/ },
    changed: { ARI_URL: lab.ready.http },
  })
  await assertFound(t, 'pbx', {
    setting: /ARI_PASSWORD/,
    found: /\(401\)/,
    changed: { ARI_PASSWORD: 'wrong' },
  })
  const file = join(pbx.dir, 'etc', 'ari.conf')
  const before = await readFile(file, 'utf8')
  await writeFile(
    file,
    `${before}\n[reader]\ntype = user\nread_only = yes\npassword = geheim\npassword_format = plain\n`,
  )
  await pbx.cli('module reload res_ari.so')
  await assertFound(t, 'pbx', {
    ...{ setting: /^read_only/, changed: { ARI_USERNAME: 'reader', ARI_PASSWORD: 'geheim' } },
  })
  await writeFile(file, before)
  await pbx.cli('module reload res_ari.so')
})

t.test('a module that does not run is found', async t => {
  await pbx.cli('module unload func_cut.so')
  await assertFound(t, 'modules', { setting: /^modules\.conf$/, found: /func_cut/ })
  await pbx.cli('module load func_cut.so')
  await assertSound(t, 'modules')
})

t.test('a dialplan without our file, with an old one, or with another application is found', async t => {
  await pbx.cli('dialplan remove context consentry-trial')
  await assertFound(t, 'dialplan', { setting: /^extensions\.conf$/, found: /lacks contexts/ })
  await pbx.cli('dialplan reload')
  await pbx.cli('dialplan remove context consentry-version')
  await assertFound(t, 'dialplan', { setting: /^extensions\.conf$/, found: /another version/ })
  await pbx.cli('dialplan reload')
  await pbx.setGlobal('CONSENTRY_APP', 'elsewhere')
  await assertFound(t, 'dialplan', { setting: /^ARI_APP$/, found: /elsewhere/ })
  await pbx.setGlobal('CONSENTRY_APP', pbx.ari.app)
  await assertSound(t, 'dialplan')
})

t.test('options of FreePBX that end or record calls are found', async t => {
  await pbx.setGlobal('DIAL_OPTIONS', 'HhTtr')
  await assertFound(t, 'pbx-options', { setting: /^DIAL_OPTIONS$/, found: /\(HhTtr\) the keys \* hang up/ })
  const file = join(pbx.dir, 'etc', 'features.conf')
  const before = await readFile(file, 'utf8')
  for (const [code, found] of Object.entries({
    '*9': /the keys \*9 hang up/,
    '**': undefined,
    '': undefined,
  })) {
    await writeFile(file, `${before}\ndisconnect = ${code}\n`)
    await pbx.cli('module reload features')
    if (found) await assertFound(t, 'pbx-options', { setting: /^DIAL_OPTIONS$/, found })
    else await assertSound(t, 'pbx-options')
  }
  await writeFile(file, before)
  await pbx.cli('module reload features')
  await pbx.setGlobal('DIAL_OPTIONS', 'Ttr')
  await pbx.setGlobal('TRUNK_OPTIONS', 'TH')
  await assertFound(t, 'pbx-options', { setting: /^TRUNK_OPTIONS$/, found: /\(TH\)/ })
  await pbx.setGlobal('TRUNK_OPTIONS', 'T')
  await pbx.setGlobal('DIAL_OPTIONS', 'TtrWX')
  await assertFound(t, 'pbx-options', { setting: /^DIAL_OPTIONS$/, found: /a key lets the PBX record/ })
  await pbx.setGlobal('DIAL_OPTIONS', 'TtrU(sub-HhWx)')
  await assertSound(t, 'pbx-options')
  await pbx.cli(`${EXTERNAL} force`)
  await pbx.cli('database put AMPUSER/702 recording/in/external dontcare')
  await assertFound(t, 'pbx-recording', { setting: /^recording/, found: /every call of 701,/ })
  await pbx.cli(`${EXTERNAL} no`)
  await pbx.cli('database put AMPUSER/701 recording/out/external yes')
  await assertFound(t, 'pbx-recording', { setting: /^recording/, found: /every call of 701,/ })
  await pbx.cli('database put AMPUSER/701 recording/out/external never')
  await pbx.cli('database put AMPUSER/701 recording/ondemand enabled')
  await pbx.cli('database put AMPUSER/702 recording/ondemand disabled')
  await assertFound(t, 'pbx-recording', { setting: /^recording/, found: /At a key .* calls of 701,/ })
  await pbx.cli('database deltree AMPUSER')
  await assertSound(t, 'pbx-recording')
})

t.test(
  'pipes that Asterisk does not reach are found, by the service that reads them and without it',
  async t => {
    const { tap } = lab.ready
    await assertSound(t, 'tap', 'tap-folder', 'keepers')
    await pbx.cli('module unload app_mixmonitor.so')
    await assertFound(t, 'tap', { setting: /^CONSENTRY_TAP_DIR$/, found: /writes nothing|not find/ })
    await pbx.cli('module load app_mixmonitor.so')
    await assertSound(t, 'tap')
    await lab.service.stop()
    await until(async () => (await keepersOf(tap)).length === 0)
    await assertFound(t, 'service', { setting: /^consentry\.service$/, found: /does not run/ })
    await assertSound(t, 'tap', 'addresses')
    await rename(tap, `${tap}-gone`)
    await assertFound(t, 'tap-folder', { setting: /^CONSENTRY_TAP_DIR$/, found: /There is no/ })
    await rename(`${tap}-gone`, tap)
    lab.service.start()
    await lab.service.waitUntilReady()
    await assertSound(t, 'service', 'tap')
  },
)

t.test('prompts that are missing, or that Asterisk cannot read, are found', async t => {
  const other = t.testdir({})
  const changed = { CONSENTRY_PROMPTS: other }
  await assertFound(t, 'prompts', { setting: /^CONSENTRY_PROMPTS$/, found: /missing or damaged/, changed })
  await cp(PROMPTS, other, { recursive: true })
  for (const language of ['ru', 'en']) await chmod(join(other, language), 0)
  // Root reads them all the same, and Asterisk, which has no rights of root, does not. Others do not see them at all.
  const found = process.getuid?.() === 0 ? /cannot play/ : /missing or damaged/
  await assertFound(t, 'prompts', { setting: /^CONSENTRY_PROMPTS$/, found, changed })
  for (const language of ['ru', 'en']) await chmod(join(other, language), 0o755)
  await assertSound(t, 'prompts')
})

t.test('Asterisk takes the files that `consentry setup` writes, in the sections that are there', async t => {
  const folder = join(pbx.dir, 'etc')
  const kept = ['ari.conf', 'http.conf', 'extensions.conf', 'asterisk.conf']
  const before = await Promise.all(kept.map(name => readFile(join(folder, name), 'utf8')))
  const less = (name: string, from: string, to: string) =>
    writeFile(join(folder, name), before[kept.indexOf(name)]!.replace(from, to))
  await less('http.conf', 'sessionlimit = 2000', 'sessionlimit = 100')
  await less('ari.conf', 'websocket_write_timeout = 1000', '')
  t.strictSame(
    faultsIn(await run(['asterisk-files'])).map(one => one.weak),
    [true, true],
  )
  const machine = { host: THIS_HOST, asteriskConfig: join(folder, 'asterisk.conf'), isLive: false }
  const user = { name: 'second', password: 'very-secret' }
  const { changes } = planAsteriskFiles(machine, user)
  t.ok(changes.length > 4)
  const deps = {
    machine,
    superuser: undefined,
    drawKeys: () => Promise.reject(new Error('no keys are drawn')),
  }
  for (const change of changes) await applyChange(deps, change)
  t.strictSame(planAsteriskFiles(machine, user).changes, [], 'nothing is left to do')
  for (const { order } of changes.filter(one => one.do === 'console')) await pbx.cli(order)
  await assertSound(t, 'asterisk-files', 'dialplan')
  const asSecond = { ARI_USERNAME: user.name, ARI_PASSWORD: user.password }
  const [asked] = await run(['pbx'], asSecond)
  t.equal(asked?.outcome.state, 'sound', JSON.stringify(asked))
  for (const [i, name] of kept.entries()) await writeFile(join(folder, name), before[i]!)
  await pbx.cli('core reload')
})

t.test('the service itself raises an alarm, and ends it when the mistake is mended', async t => {
  await pbx.cli('dialplan remove context consentry-version')
  await lab.service.restart()
  const [raised] = (await waitForAlarm(site, 'misconfigured', true)).slice(-1)
  t.match(raised?.data, { alarm: 'misconfigured', check: 'dialplan', detail: /conf: See that it gets/ })
  await pbx.cli('dialplan reload')
  await waitForAlarm(site, 'misconfigured', false)
})

t.test('the service says what the PBX is set to record by itself, before the first call', async t => {
  await pbx.cli(`${EXTERNAL} force`)
  await lab.service.restart()
  const [raised] = (await waitForAlarm(site, 'misconfigured', true)).slice(-1)
  t.match(raised?.data, { check: 'pbx-recording', detail: /every call of 701,.*\(FreePBX\): Set/ })
  await pbx.cli('database deltree AMPUSER')
})

// Without root's rights the service could not see the pipes either.
if (process.getuid?.() === 0)
  t.test(
    'a tap folder that is closed to Asterisk is found, and is an alarm before the first call',
    async t => {
      const { tap } = lab.ready
      // The mode is set again and again, because the keeper sets its own mode when it makes pipes.
      const shutting = setInterval(() => void chmod(tap, 0), 20)
      t.teardown(() => clearInterval(shutting))
      await assertFound(t, 'tap', { setting: /^CONSENTRY_TAP_DIR$/, found: /does not find the pipes/ })
      await lab.service.stop()
      lab.service.start()
      await waitForAlarm(site, 'tap-unreached', true)
      clearInterval(shutting)
      await chmod(tap, 0o500)
      await waitForAlarm(site, 'tap-unreached', false)
    },
  )
