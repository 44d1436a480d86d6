// Real: the lab as a separate process with Asterisk, the service, its keeper and PostgreSQL; SIPp. Fake: none.
// The test knows the lab only by the line that the verb `lab` prints.
// Long only: the lab's own first calls; `browser/whole-call` walks through the console.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import type { ReadyLine } from '../../lab/lab.js'
import { startLoad } from '../../lab/load/start-load.js'
import { compiled } from '../../lab/process/compiled.js'
import { keepersOf } from '../../lab/process/end-keeper.js'
import { codeAt } from '../../src/accounts/second-factor.js'
import { openDatabase } from '../../src/db/database.js'
import { type CallTimeline, listCalls, readCall } from '../../src/journal/read/timeline.js'
import { withParts } from '../../src/recordings/open/find-parts.js'
import { decodeLegs } from '../../src/recordings/open/open-recording.js'
import { parseIdentities } from '../../src/vault/crypto/keygen.js'
import { cryptoReady } from '../../src/vault/crypto/ready.js'
import { openKeyStore } from '../../src/vault/keys/key-store.js'
import { openStore } from '../../src/vault/store/store.js'
import { none } from '../support/assertions/exactly.js'
import { assertEventOrder } from '../support/lab/fault-lab.js'
import { asteriskVersion } from '../support/processes/asterisk-version.js'
import { CONNECTION_LIMIT_MS } from '../support/processes/connection-limit.js'
import { until } from '../support/processes/database.js'
import { isAlive } from '../support/processes/recorder-setup.js'

const verb = spawn(process.execPath, [compiled('cli'), 'lab', '--asterisk', String(asteriskVersion)], {
  stdio: ['ignore', 'pipe', 'ignore'],
})
t.teardown(() => verb.kill('SIGKILL'))
const [line] = (await once(createInterface(verb.stdout), 'line')) as [string]
const ready: ReadyLine = JSON.parse(line)
const db = openDatabase(ready.database, CONNECTION_LIMIT_MS)
t.teardown(() => db.close())
await cryptoReady
const store = await openStore(`file:${ready.data}/store`)
const keyStore = await openKeyStore(`file:${ready.keys}`)
const identities = parseIdentities(await readFile(ready.identity, 'utf8'))

/** For each line: the time from the key to the hang-up, s, and the expected answers and recordings. */
const calls: Record<string, { hold: number; answers: Record<string, string>; recordings: string[] }> = {
  ...Object.fromEntries(
    ['100', '101', '102', '103'].map(number => [
      number,
      { hold: 8, answers: { service: 'granted' }, recordings: ['service'] },
    ]),
  ),
  // This line gives notice only, and records a caller who hears it to its end.
  104: { hold: 20, answers: { service: 'notice' }, recordings: ['service'] },
  // This caller answers the first question and hangs up in the second one.
  105: { hold: 6, answers: { service: 'granted', marketing: 'abandoned' }, recordings: [] },
}

/** What a lab has before anybody calls. */
const SEEDED = { lines: ['106', '106', '106', '106', 'none'], recordings: 2 }

/** Pages of the console, each with something that it shows in a lab. */
const PAGES: Record<string, RegExp> = {
  '/now': /hung up<\/span> <b class="number">1</,
  '/lines': /106[\s\S]*branch-offices/,
  '/lines/106': /branch-offices/,
  '/lines/groups': /branch-offices/,
  '/lines/groups/branch-offices': /boris/,
  '/prompts': /disclosure-key/,
  '/prompts/granted/en': /boris/,
  '/people': /privacy/,
  '/people/rules': /boris/,
  '/people/auditor/sessions': /auditor/,
  '/rules': /Tell nobody/,
  '/system': /crm/,
  '/system/api': /openapi/,
  '/me': /admin/,
  '/setup/company': /<form/,
  '/setup/key': /service/,
  '/setup/pbx': /Asterisk/,
  '/setup/line': /555/,
  '/setup/phone': /107|101/,
}

t.test('whoever signs in by the ready line finds something on every page', async t => {
  const { console: origin, admin } = ready
  const { user: name, password: passphrase, totp } = admin!
  const signedIn = await fetch(`${origin}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: origin! },
    body: JSON.stringify({ name, passphrase, code: codeAt(totp, Date.now()) }),
  })
  t.equal(signedIn.status, 200)
  const headers = { cookie: signedIn.headers.get('set-cookie')!.split(';')[0]!, 'accept-language': 'en' }
  const show = async (address: string) => {
    const answer = await fetch(origin + address, { headers })
    t.equal(answer.status, 200, address)
    return answer.text()
  }
  for (const [address, shown] of Object.entries(PAGES)) {
    const body = await show(address)
    t.match(body, shown, address)
    // No call is running.
    const empty = [...body.matchAll(/class="(?:[\w ]+ )?empty">([^<]*)/g)].map(([, words]) => words)
    t.strictSame(
      empty,
      address === '/now'
        ? [
            'No calls right now. Each call will appear here with its line, its answer and whether it is recorded.',
          ]
        : [],
      address,
    )
  }
  const drafts = [...(await show('/lines')).matchAll(/href="(\/drafts\/[\w-]+)"/g)].map(([, draft]) => draft!)
  t.ok(drafts.length >= 2, 'one awaits an approval, and one its time')
  for (const draft of drafts) await show(draft)
})

t.test('calls of SIPp on each line of the lab are answered and recorded', async t => {
  const loads = Object.entries(calls).map(async ([number, { hold }], i) => {
    // These ports differ from each other, and from the ports that labs draw.
    const ports: [number, number] = [33_000 + i * 100, 33_099 + i * 100]
    const script = { key: '1', keyAfterMs: 1_500, holdMs: hold * 1_000, ports }
    await (await startLoad({ sip: ready.sip, number, calls: 1, rate: 1, ...script })).waitUntilDone()
  })
  await Promise.all(loads)
  for (const [number, { answers, recordings }] of Object.entries(calls)) {
    const call = await ended(number)
    t.strictSame(Object.fromEntries(call.purposes.map(p => [p.purpose, p.answer])), answers, number)
    t.strictSame(
      call.recordings.map(({ purpose, state }) => [purpose, state]),
      recordings.map(purpose => [purpose, 'finished']),
    )
    assertEventOrder(t, call, [
      'call.started',
      'call.answered',
      'consent.answered',
      'call.decided',
      'call.ended',
    ])
    for (const { id } of call.recordings) {
      const legs = await withParts({ db, store, keyStore }, id, parts => decodeLegs(parts, identities))
      t.ok(legs.complete && legs.seconds > 3, `the identity opens ${legs.seconds} s`)
    }
  }
})

/** Returns the only call of a line, when it is over. */
async function ended(number: string): Promise<CallTimeline> {
  const locate = (name: string) => store.locate(name)
  let found: CallTimeline | undefined
  await until(async () => {
    const [call] = await listCalls(db, locate, { line: number })
    found = call && (await readCall(db, locate, call.id))
    return found?.endedAt != null && found.recordings.every(({ state }) => state !== 'recording')
  })
  return found!
}

/** Runs a verb in a shell that knows only the lab's environment file. */
function inItsEnvironment(...words: string[]): unknown {
  const script = 'set -a; . "$0"; exec "$@" --json'
  const command = [process.execPath, compiled('cli'), ...words]
  const env = { PATH: process.env['PATH'] }
  return JSON.parse(
    execFileSync('sh', ['-c', script, ready.env, ...command], { env, encoding: 'utf8', stdio: 'pipe' }),
  )
}

t.test('the verbs find the lab by its environment file, and the service has a log', async t => {
  const listed = inItsEnvironment('calls') as { line: string | null }[]
  t.strictSame(
    listed.map(({ line }) => line ?? 'none').sort(),
    [...Object.keys(calls), ...SEEDED.lines].sort(),
  )
  const recordings = Object.values(calls).flatMap(call => call.recordings).length + SEEDED.recordings
  t.match(inItsEnvironment('verify'), { ok: true, checked: { recordings }, faults: none })
  t.equal(statSync(ready.env).mode & 0o777, 0o600, 'only its owner reads the environment file')
  t.match(await readFile(ready.log, 'utf8'), 'ready for calls')
})

t.test('SIGINT ends every process of the lab and removes its files', async t => {
  const postmaster = await readFile(join(ready.data, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')
  const [keeper, ...others] = await keepersOf(ready.tap)
  t.strictSame(others, [])
  const pids = {
    lab: ready.pid,
    pbx: ready.asteriskPid,
    service: ready.servicePid!,
    database: Number.parseInt(postmaster, 10),
    keeper: keeper!,
  }
  const alive = () => Object.entries(pids).flatMap(([name, pid]) => (isAlive(pid) ? [name] : []))
  t.strictSame(alive(), Object.keys(pids))
  await db.close()
  verb.kill('SIGINT')
  t.strictSame(await once(verb, 'exit'), [0, null])
  t.strictSame(alive(), [], 'no process is left')
  for (const path of [ready.data, ready.tap, ready.keys, ready.identity]) t.notOk(existsSync(path), path)
})
