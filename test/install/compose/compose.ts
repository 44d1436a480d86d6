// Real: the image, Docker Compose, Podman, Asterisk, PostgreSQL, SIP callers. Fake: the base images, which are made of Debian's and npm's
// packages, and Docker itself, which Podman stands in for.
// The commands are those of docs/install-containers.md.
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { setLabLines } from '../../../lab/lab-lines.js'
import { pollUntil } from '../../../lab/process/start-process.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { countEvents, shortLine } from '../../support/lab/fault-lab.js'
import { assertTalkComplete, startTalk } from '../../support/lab/unbroken-talk.js'
import { makeBaseImages } from './base-images.js'
import { callByThePage, openByThePage, openSite, type Site } from './calls.js'
import { makeCheckout, secret } from './checkout.js'
import { checkImage } from './image.js'
import { page } from './page.js'
import { BUILDER, MACHINE, startPodman } from './podman.js'
import { environment, run, shell } from './run.js'

/** What Podman says of a container. */
interface Inspected {
  Name: string
  Config: { User: string }
  HostConfig: { ReadonlyRootfs: boolean; Memory: number; MemorySwap: number }
  EffectiveCaps: string[] | null
}

const SECRETS = [
  'ari-password',
  'postgres-password',
  'database-owner-url',
  'database-url',
  'database-console-url',
]

const KEEPER = 'consentry-keeper-1'
/** Most lines that a person types until the first call is verified. */
const MOST_TYPED = 8
/** Longest machine time for all of them with a call of ten seconds, s. The images are there by then, as a package is. */
const LONGEST_S = 180
/** Longest time until a container that hung runs again, ms. */
const REPLACED_MS = 60_000

const CACHE = process.env['CONSENTRY_TEST_INSIDE']
if (!CACHE) throw new Error('run it by `npm run test:compose`, which gives it a machine of its own')
const say = (what: string) => process.stderr.write(`# ${what}\n`)

const folder = await mkdtemp(join(tmpdir(), 'consentry-compose-'))
const checkout = join(folder, 'consentry')
environment['COMPOSE_FILE'] =
  `compose.yaml:${join(projectRoot(), 'test', 'install', 'compose', 'override.yaml')}`
/** What the commands of the page have taken, s: those that build images, and all others. */
const took = { building: 0, else: 0 }
async function inCheckout(commands: string): Promise<string> {
  const began = performance.now()
  // Only builds may reach the network.
  const builds = /^docker compose.* build$/m.test(commands)
  const env = { DOCKER_HOST: builds ? BUILDER : MACHINE }
  const printed = await shell(commands, { cwd: checkout, env })
  const seconds = (performance.now() - began) / 1_000
  took[builds ? 'building' : 'else'] += seconds
  say(`${seconds.toFixed(1)} s  ${commands.trim().split('\n')[0]}`)
  return printed
}

/** Lines that a person types until the first verified call. */
let typed = 0
/** Types a block of the page on the way to the first call. */
async function type(commands: string): Promise<string> {
  typed += linesOf(commands)
  return inCheckout(commands)
}
const linesOf = (commands: string): number => commands.trim().replaceAll('\\\n', ' ').split('\n').length

const endPodman = await startPodman(CACHE)
let site: Site | undefined
t.teardown(async () => {
  if (!t.passing()) say(await run(['podman', 'logs', '--tail=60', 'consentry-consentry-1']).catch(String))
  await site?.close()
  await endPodman()
  await rm(folder, { recursive: true, force: true })
})

say('base images')
await makeBaseImages()
await makeCheckout(checkout)

t.test('the page prepares the host, and a second time changes nothing', async t => {
  const prepare = page.take('Install')
  t.match(await type(prepare), /made \/run\/consentry\/tap/)
  const before = took.else
  t.equal(await inCheckout(prepare), '')
  took.else = before
})

t.test('the page builds the images', async t => {
  say('building')
  await type(page.take('Install'))
  const before = took.else
  await checkImage(t, inCheckout(page.take('The image')))
  took.else = before
})

t.test('the page makes keys and starts all parts', async () => {
  await type(page.take('Install'))
  await type(page.take('Install'))
  await type(page.take('Install'))
  site = await openSite(checkout)
})

t.test(
  'the first call of the page is recorded and verified, after few things typed and a short time',
  async t => {
    took.else += await callByThePage(t, site!, type)
    const [load = 0] = loadavg()
    say(`typed until the first verified call: ${typed} (at most ${MOST_TYPED})`)
    say(
      `machine time until then: ${took.else.toFixed(0)} s (at most ${LONGEST_S} s), at a load of ${load.toFixed(1)}; building the images before: ${took.building.toFixed(0)} s`,
    )
    t.ok(typed <= MOST_TYPED, `${typed} things typed`)
    // A machine that others use as well says nothing of the time.
    t.ok(took.else <= LONGEST_S || load > 2 * availableParallelism(), `${took.else.toFixed(0)} s`)
  },
)

t.test('the page opens a recording', t => openByThePage(t, inCheckout))

t.test('the page shows where the console is', async t => {
  const [, origin, path] =
    /(http:\/\/localhost:8081)(\/setup)#\S+/.exec(await inCheckout(page.take('The console'))) ?? []
  const answer = await fetch(`${origin}${path}`)
  t.equal(answer.status, 200)
  t.match(await answer.text(), /Consentry/)
})

t.test('containers are confined as the page says', async t => {
  const ids = (await run(['podman', 'ps', '--quiet'])).trim().split('\n')
  t.ok(ids.length >= 5)
  const said = await run(['podman', 'inspect', ...ids])
  for (const { Name, Config, HostConfig, EffectiveCaps } of JSON.parse(said) as Inspected[]) {
    t.notMatch(Config.User, /^(0|root)?(:|$)/, `${Name}: its user`)
    t.ok(HostConfig.ReadonlyRootfs, `${Name} cannot write to its image`)
    t.strictSame(EffectiveCaps ?? [], [], `${Name} has no capability`)
    t.ok(HostConfig.Memory > 0, `${Name} has a limit of memory`)
    t.equal(HostConfig.MemorySwap, HostConfig.Memory, `${Name} has no swap`)
  }
  for (const name of SECRETS) {
    const word = (await secret(name)).replace(/^.*:([0-9a-f]+)@.*$/, '$1')
    t.ok(word.length >= 48, `${name} was drawn`)
    t.notOk(said.includes(word), `${name} is not in an environment or a command`)
  }
})

t.test('a service that is restarted, or replaced by a new version, loses no sample of a call', async t => {
  await setLabLines(site!.db, await secret('database-owner-url'), shortLine('301'))
  let parts = 1
  const call = await startTalk(site!, 120_000)
  const nextPart = async () => {
    parts += 1
    await call.waitForEvent('recording.part-started', ({ number }) => number === parts)
    const journal = await call.read()
    t.equal(countEvents(journal!, 'recording.part-ended'), parts - 1, 'the part before has its totals')
  }
  await inCheckout(page.take('Restart'))
  await nextPart()
  await appendFile(join(checkout, 'container', 'healthy.js'), '// A later version.\n')
  await inCheckout(page.take('Upgrade'))
  await inCheckout(page.take('Upgrade'))
  await nextPart()
  t.equal(call.caller.end, undefined, 'the call was not dropped')
  await assertTalkComplete(t, site!, call, { parts, closed: true })
  t.strictSame((await site!.verify()).faults, [])
})

t.test('a keeper that hangs is killed by its health check, and its container starts again', async t => {
  const started = () => run(['podman', 'inspect', '--format={{.State.StartedAt}}', KEEPER])
  const before = await started()
  const pids = await run(['podman', 'top', KEEPER, 'hpid', 'args'])
  const [, pid] = /^(\d+) +consentry keeper/m.exec(pids) ?? []
  process.kill(Number(pid), 'SIGSTOP')
  t.ok(await pollUntil(async () => (await started()) !== before, REPLACED_MS))
  await inCheckout('docker compose up --detach --wait --no-deps keeper consentry')
  const call = await startTalk(site!, 5_000)
  await call.caller.hangup()
  const journal = await call.finish()
  t.match(journal, { decision: 'granted', recordings: [{ state: 'finished' }] })
})

t.test('the page ends everything', async t => {
  await site?.close()
  site = undefined
  await inCheckout(page.take('Remove'))
  t.ok(await pollUntil(async () => (await run(['podman', 'ps', '--all', '--quiet'])) === '', 10_000))
  t.strictSame(page.untaken(), [], 'each block of commands of the page was run')
})
