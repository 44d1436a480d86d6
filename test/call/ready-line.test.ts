// All real, and known only by what the verb `lab` prints: SIPp dials the lines of the lab as anybody's phone would.
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
import { openDatabase } from '../../src/db/database.js'
import { type CallTimeline, listCalls, readCall } from '../../src/journal/read/timeline.js'
import { withParts } from '../../src/playback/find-parts.js'
import { decodeLegs } from '../../src/playback/open-recording.js'
import { parseIdentities } from '../../src/vault/crypto/keygen.js'
import { cryptoReady } from '../../src/vault/crypto/ready.js'
import { openKeyStore } from '../../src/vault/keys/key-store.js'
import { openStore } from '../../src/vault/store/store.js'
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

/** Seconds from the key to the good-bye, so that each line comes to what is to be shown of it. */
const calls: Record<string, { hold: number; answers: Record<string, string>; recordings: string[] }> = {
  ...Object.fromEntries(
    ['100', '101', '102', '103'].map(number => [
      number,
      { hold: 8, answers: { service: 'granted' }, recordings: ['service'] },
    ]),
  ),
  // "Yes" is no key here: who hears the notice to its end is recorded.
  104: { hold: 20, answers: { service: 'notice' }, recordings: ['service'] },
  // This caller answers the first question and is gone in the second one.
  105: { hold: 6, answers: { service: 'granted', marketing: 'abandoned' }, recordings: [] },
}

t.test('SIPp dials each line and presses 1', async t => {
  const loads = Object.entries(calls).map(async ([number, { hold }], i) => {
    // Apart from each other's, and from those that labs draw and leave for a moment.
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
      t.ok(legs.complete && legs.seconds > 3, `${legs.seconds} s can be opened with the identity`)
    }
  }
})

/** The one call of a line, once it is over. */
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

/** Runs a verb in a shell that knows of the lab only where its environment stands. */
function inItsEnvironment(...words: string[]): unknown {
  const script = 'set -a; . "$0"; exec "$@" --json'
  const command = [process.execPath, compiled('cli'), ...words]
  const env = { PATH: process.env['PATH'] }
  return JSON.parse(
    execFileSync('sh', ['-c', script, ready.env, ...command], { env, encoding: 'utf8', stdio: 'pipe' }),
  )
}

t.test('the verbs find the lab by its environment, and the service says what it did in its log', async t => {
  const listed = inItsEnvironment('calls') as { line: string }[]
  t.strictSame(listed.map(({ line }) => line).sort(), Object.keys(calls).sort())
  const recordings = Object.values(calls).flatMap(call => call.recordings).length
  t.match(inItsEnvironment('verify'), { ok: true, checked: { recordings }, faults: [] })
  t.equal(statSync(ready.env).mode & 0o777, 0o600, 'it holds passwords')
  t.match(await readFile(ready.log, 'utf8'), 'ready for calls')
})

t.test('SIGINT ends it all', async t => {
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
