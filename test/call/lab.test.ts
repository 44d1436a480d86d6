// Real: two labs at the same time, each with Asterisk, SIP callers, the service, its keeper and PostgreSQL. Fake: none.
// Long only: two labs, and labs that are ended; `call/lab-pbx` has one lab.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { parseEnv } from 'node:util'
import t from 'tap'
import { rmsDbfs } from '../../lab/audio/levels.js'
import { Caller } from '../../lab/caller.js'
import { type Lab, startLab } from '../../lab/lab.js'
import { AUDIBLE_DBFS } from '../../lab/media/received-audio.js'
import { agentSentence } from '../../lab/pbx/agent-sounds.js'
import { compiled } from '../../lab/process/compiled.js'
import { keepersOf } from '../../lab/process/end-keeper.js'
import { pollUntil } from '../../lab/process/start-process.js'
import { prepareTools } from '../../lab/tools/prepare-tools.js'
import { SAMPLE_RATE } from '../../src/core/audio.js'
import { openDatabase } from '../../src/db/database.js'
import { readWav } from '../../src/lib/audio-formats/wav.js'
import { listLines } from '../../src/lines/change-lines.js'
import { waitUntilHeard } from '../support/assertions/heard-words.js'
import { asteriskVersion } from '../support/processes/asterisk-version.js'
import { consentry } from '../support/processes/command.js'
import { CONNECTION_LIMIT_MS } from '../support/processes/connection-limit.js'
import { PROMPTS } from '../support/processes/converted-prompts.js'
import { until } from '../support/processes/database.js'
import { prepareDatabase } from '../support/processes/prepared-database.js'

const LIMIT = 60_000
const { sounds } = await prepareTools(['sounds'])
/** Database and prompts were made once for all tests, and nobody speaks to an ear. The verb makes its own, and has an ear. */
const env = { CONSENTRY_PROMPTS: PROMPTS, CONSENTRY_EAR_STREAMS: '0' }
const options = { asterisk: asteriskVersion, prepareDatabase, env }
const sentence = await agentSentence(sounds)

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const labs = await Promise.all([1, 2].map(() => startLab(options)))
t.teardown(() => Promise.all(labs.map(lab => lab.stop())))

t.test('two labs work side by side', async t => {
  const [one, two] = labs.map(lab => lab.ready)
  for (const field of ['sip', 'http', 'ari', 'database', 'data', 'tap'] as const)
    t.not(one![field], two![field], field)
  await Promise.all(
    labs.map(async lab => {
      const caller = await Caller.call({ sip: lab.pbx.sip, number: '101' })
      await caller.waitForAnswer(LIMIT)
      t.ok(await caller.heard.waitForAudio(LIMIT), 'the disclosure begins')
      await caller.press('2')
      t.ok(await waitUntilHeard(caller.heard, sentence, LIMIT), 'a caller who said no is with the agent')
      await caller.hangup()
    }),
  )
})

t.test('the lab restarts a service that dies, unless it is paused', async t => {
  const [lab, other] = labs as [Lab, Lab]
  const unharmed = other.service.pid
  const first = lab.service.pid!
  lab.service.kill('SIGKILL')
  t.ok(
    await pollUntil(async () => lab.service.pid !== undefined && lab.service.pid !== first, LIMIT),
    'another service',
  )
  await lab.service.waitUntilReady()

  lab.service.stopSupervising()
  const second = lab.service.pid!
  lab.service.kill('SIGKILL')
  t.ok(await pollUntil(async () => lab.service.pid === undefined, LIMIT), 'the service has ended')
  const caller = await Caller.call({ sip: lab.pbx.sip, number: '101' })
  await caller.waitForAnswer(LIMIT)
  t.ok(
    await waitUntilHeard(caller.heard, sentence, LIMIT),
    'without the service the caller reaches the agent',
  )
  await caller.hangup()
  t.equal(lab.service.pid, undefined, 'the service stays down')

  await lab.service.restart({ ...env, CONSENTRY_NODE: 'other' })
  t.not(lab.service.pid, second, 'another service')
  const settings = await readFile(`/proc/${lab.service.pid}/environ`, 'utf8')
  t.ok(settings.includes('CONSENTRY_NODE=other'), 'its environment has the changed setting')
  t.notOk(settings.includes('CONSENTRY_IDENTITY'), 'the service cannot open what it records')
  t.equal(other.service.pid, unharmed, 'the service of the other lab goes on')
})

t.test('labs that stop leave no file and no process', async t => {
  const keepers = (await Promise.all(labs.map(lab => keepersOf(lab.ready.tap)))).flat()
  t.equal(keepers.length, 2, 'one keeper for each lab')
  const parts = labs.map(lab => lab.ready)
  await Promise.all(labs.map(lab => lab.stop()))
  for (const { asteriskPid, servicePid, data, tap } of parts) {
    t.notOk(isAlive(asteriskPid), 'the PBX has ended')
    t.notOk(isAlive(servicePid!), 'the service has ended')
    t.notOk(existsSync(data), 'its data is gone')
    t.notOk(existsSync(tap), 'its tap is gone')
  }
  t.notOk(keepers.some(isAlive), 'the keepers have ended')
})

t.test('the verb prints one line when all parts run, and ends all of them on SIGINT', async t => {
  const verb = spawn(
    process.execPath,
    [compiled('cli'), 'lab', '--empty', '--approval', '--asterisk', String(asteriskVersion)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, CONSENTRY_RING_ENDPOINTS: 'PJSIP/anna' },
    },
  )
  t.teardown(() => verb.kill('SIGKILL'))
  const lines: string[] = []
  let told = ''
  verb.stderr.on('data', chunk => {
    told += String(chunk)
  })
  const output = createInterface(verb.stdout)
  output.on('line', line => lines.push(line))
  await once(output, 'line')
  const ready = JSON.parse(lines[0]!)
  t.equal(ready.ready, true, 'the line says that all parts run')
  t.equal(ready.pid, verb.pid, 'the line names the process of the verb')
  t.equal((await fetch(`${ready.http}/readyz`)).status, 200, 'the service is ready')
  const service = await readFile(`/proc/${ready.servicePid}/environ`, 'utf8')
  const command = await readFile(ready.env, 'utf8')
  for (const [who, settings] of Object.entries({ service, command })) {
    t.match(settings, /CONSENTRY_LINE_APPROVAL='?required/, `the ${who} needs a second person`)
    t.match(settings, /CONSENTRY_RING_ENDPOINTS=[^\n\0]*=Lab, PJSIP\/anna/, `the ${who} may ring a phone`)
  }
  t.match(service, /(^|\0)PATH=[^\0]*speech:/, 'service and console have voices')
  for (const path of [ready.data, ready.tap, ready.keys, ready.recipients, ready.identity])
    t.ok(existsSync(path), path)
  t.equal(ready.admin, null, 'an empty lab has nobody')
  await until(async () => /open http:\/\/localhost:\d+\/setup#\S+/.test(told))
  const setup = await fetch(`${ready.console}/setup`, { headers: { 'accept-language': 'en' } })
  t.match(await setup.text(), /First sign-in[\s\S]*Name of the company/, 'it is a first run')
  const db = openDatabase(ready.database, CONNECTION_LIMIT_MS)
  t.strictSame(await listLines({ db }), [], 'and nothing is set up')
  await db.close()
  const env: Record<string, string> = { ...parseEnv(command), PATH: process.env['PATH']! }
  const [phone] = env['CONSENTRY_RING_ENDPOINTS']!.split('=')
  const draft = await consentry(env, 'line', 'draft', 'new', '100', '--lang', 'en', '--by', 'anna', '--json')
  t.equal(draft.code, 0, draft.err)
  const { id } = JSON.parse(draft.out)
  const ring = await consentry(
    env,
    'line',
    'ring',
    id,
    '--revision',
    '1',
    '--endpoint',
    phone!,
    '--by',
    'anna',
  )
  t.equal(ring.code, 0, ring.err)
  await until(async () => /phone was rung, and heard (?!0\.)[\d.]+ s: \S+\.wav/.test(told))
  const [, file] = /heard [\d.]+ s: (\S+)/.exec(told)!
  const { rate, samples } = readWav(await readFile(file!))
  t.equal(rate, SAMPLE_RATE)
  t.ok(rmsDbfs(samples) > AUDIBLE_DBFS, 'the phone of the lab has saved what a caller hears')
  verb.kill('SIGINT')
  t.same(await once(verb, 'exit'), [0, null])
  t.equal(lines.length, 1, 'nothing but the line is printed')
  t.notOk(isAlive(ready.asteriskPid), 'the PBX has ended')
  t.notOk(isAlive(ready.servicePid), 'the service has ended')
  t.notOk(existsSync(ready.tap), 'the tap is gone')
})

t.test('an impossible port is refused before any part starts', async t => {
  const verb = spawn(process.execPath, [compiled('cli'), 'lab', '--sip-port', '70000'], { stdio: 'ignore' })
  t.same(await once(verb, 'exit'), [2, null])
})
