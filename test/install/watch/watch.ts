// Real: Prometheus, Alertmanager, promtool, the shipped rules and dashboard; then Asterisk, a SIP caller, the service and PostgreSQL.
// Fake: in the first part, the service's troubles. The receiver of alerts is the test. In a copy of the rules, times are shorter.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { pollUntil } from '../../../lab/process/start-process.js'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { quickLine } from '../../support/data/quick-lines.js'
import { startCallLab } from '../../support/lab/call-lab.js'
import { dialAndGrant } from '../../support/lab/fault-lab.js'
import { scratch, until } from '../../support/processes/database.js'
import { readPanels, readRules, rulesText } from '../../support/watching/rules.js'
import { startMonitoring } from './monitoring.js'
import { ruleTests } from './rule-tests.js'
import { startTroubledService } from './troubled-service.js'

const { prometheus: tree } = await prepareTools(['prometheus'])
const dir = await scratch(t)
const folder = join(projectRoot(), 'ops', 'prometheus')
const rules = readRules()

/** Runs promtool. Rejects with what it says if it finds a fault. */
const promtool = (...words: string[]) => promisify(execFile)(join(tree, 'bin', 'promtool'), words)

t.test('promtool finds no fault in the rules and the scrape configuration', async t => {
  const { stdout } = await promtool('check', 'config', join(folder, 'consentry.scrape.yml'))
  t.match(stdout, `SUCCESS: ${rules.length} rules found`)
})

t.test('each rule fires in its trouble, after its time, and stops', async t => {
  const file = join(dir, 'rule-tests.json')
  await writeFile(file, JSON.stringify(ruleTests(rules, join(folder, 'consentry.rules.yml'))))
  const { stdout } = await promtool('test', 'rules', file)
  t.match(stdout, 'SUCCESS')
})

/** The rules, with shorter times: troubles count after a second, and for ten. */
const quickRules = join(dir, 'consentry.rules.yml')
await writeFile(
  quickRules,
  rulesText()
    .replace(/^( +for:) .*/gm, '$1 1s')
    .replace(/\[\d+[mh]\]/g, '[10s]'),
)
const monitoring = await startMonitoring(tree, join(dir, 'monitoring'), quickRules)
t.teardown(() => monitoring.stop())

/** How long an alert may take to come or to end, ms. Most of it is the ten seconds that rules look back. */
const ALERT_LIMIT_MS = 120_000

/** Waits until alerts are in a set. @returns those that are not */
async function waitForAll(set: ReadonlySet<string>, wanted: readonly string[]): Promise<string[]> {
  await pollUntil(
    async () => wanted.every(name => set.has(name)),
    ALERT_LIMIT_MS,
    () => false,
  )
  return wanted.filter(name => !set.has(name))
}

t.test('each alert reaches the receiver when its trouble begins, and when it ends', async t => {
  const service = await startTroubledService()
  const other = await startTroubledService()
  t.teardown(() => {
    service.stop()
    other.stop()
  })
  t.strictSame(await waitForAll(monitoring.firing, ['ConsentryUnwatched']), [], 'without a target')
  await monitoring.watch([service.address, other.address])
  t.strictSame(await waitForAll(monitoring.ended, ['ConsentryUnwatched']), [])
  await until(async () => (await monitoring.query('consentry_trunk_reactions_total')).length >= 6)
  t.strictSame([...monitoring.firing], [], 'nothing fires without a trouble')

  service.troubled = true
  other.stop()
  const expected = rules
    .map(({ alert }) => alert)
    .filter(alert => alert !== 'ConsentryUnwatched')
    .map(alert => `${alert} ${alert === 'ConsentryDown' ? other.address : service.address}`)
  t.strictSame(await waitForAll(monitoring.firing, expected), [], 'all troubles')

  service.troubled = false
  await other.start()
  t.strictSame(await waitForAll(monitoring.ended, expected), [], 'all troubles are over')
  await monitoring.watch([])
})

t.test(
  'a real service: calls show on the dashboard, and the death of PBX and service are reported',
  async t => {
    const site = await startCallLab(t, { lines: [quickLine('301')] })
    const { service, pbx, ready } = site.lab
    const address = new URL(ready.http).host
    await monitoring.watch([address])
    await until(async () => (await monitoring.query('consentry_gate_open == 1')).length === 1)
    const call = await dialAndGrant(site, '301')
    await call.waitForAgent()
    await call.finish()
    await until(async () => (await onlyValue('consentry_trunk_reactions_total{reaction="key"}')) === 1)
    for (const stage of ['prompt', 'decision', 'return'])
      t.equal(await onlyValue(`consentry_call_stage_seconds_count{stage="${stage}"}`), 1, stage)
    const [reaction] = await monitoring.query('consentry_trunk_reactions_total{reaction="key"}')
    t.match(reaction!.metric['trunk'], /^PJSIP\/./)

    pbx.kill('SIGKILL')
    t.strictSame(await waitForAll(monitoring.firing, [`ConsentryPbxAway ${address}`]), [])
    for (const { title, targets = [] } of readPanels())
      for (const { expr } of targets)
        t.ok((await monitoring.query(inGrafana(expr))).length > 0, `${title}: ${expr}`)
    await pbx.restart()
    t.strictSame(await waitForAll(monitoring.ended, [`ConsentryPbxAway ${address}`]), [])

    await service.stop()
    t.strictSame(await waitForAll(monitoring.firing, [`ConsentryDown ${address}`]), [])
    service.start()
    t.strictSame(await waitForAll(monitoring.ended, [`ConsentryDown ${address}`]), [])
  },
)

/** The value of the only series of an expression; undefined if there is none, or more. */
async function onlyValue(expression: string): Promise<number | undefined> {
  const found = await monitoring.query(expression)
  return found.length === 1 ? found[0]!.value : undefined
}

/** A query as Grafana sends it: with all services, and a usual interval. */
const inGrafana = (expression: string): string =>
  expression.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m')
