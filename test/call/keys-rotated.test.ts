// Real: Asterisk, SIP callers, the service with a store for each purpose, its keeper, PostgreSQL, the command. Fake: none.
// Keys are rotated while calls are recorded.
// Long only: a rotation beside calls; `service/vault` has the rotation itself.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { codeOf } from '../../src/core/errors.js'
import { expectedMarking } from '../../src/db/installation.js'
import { verifyRecordings } from '../../src/recordings/audit/verify-recordings.js'
import { withParts } from '../../src/recordings/open/find-parts.js'
import { decodeLegs } from '../../src/recordings/open/open-recording.js'
import { parseIdentities } from '../../src/vault/crypto/keygen.js'
import type { Identity } from '../../src/vault/crypto/types.js'
import { openKeyStore } from '../../src/vault/keys/key-store.js'
import { openStore } from '../../src/vault/store/store.js'
import { MARK_FILE } from '../../src/vault/volume.js'
import { exactly, none } from '../support/assertions/exactly.js'
import { listFilesBelow } from '../support/assertions/search-files.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { dialIntoDisclosure, longLine, purpose } from '../support/lab/fault-lab.js'
import type { PlacedCall } from '../support/lab/placed-call.js'

const PURPOSES = ['service', 'marketing']
const lines = [longLine('602', { purposes: PURPOSES.map(name => purpose(name)) })]
const site = await startCallLab(t, { lines, service: false })
const { lab, db } = site
const { data, identity } = lab.ready
const folder = (kind: string, name: string) => join(data, kind, name)
const places = (kind: string) => PURPOSES.map(name => `${name}=file:${folder(kind, name)}`).join(' ')
const settings = { CONSENTRY_STORE: places('apart'), CONSENTRY_KEYSTORE: places('apart-keys') }
lab.service.overrides = { ...lab.service.overrides, ...settings }
lab.service.start()
await lab.service.waitUntilReady()
const marking = await expectedMarking(db, 'verb')
const store = await openStore(settings.CONSENTRY_STORE, marking)
const keyStore = await openKeyStore(settings.CONSENTRY_KEYSTORE, marking)

const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url))
/** Runs a verb. @returns its JSON, whatever its exit code is */
const verb = async (...args: string[]) => {
  const env = { ...lab.env, ...settings, SUDO_USER: 'tester' }
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...args, '--json'], { env }).catch(
    error => error,
  )
  return JSON.parse(stdout)
}
const identitiesNow = async () => parseIdentities(await readFile(identity, 'utf8'))

/** Places a call that says yes to both purposes. Resolves when the caller is with the agent. */
async function talking(): Promise<PlacedCall> {
  const call = await dialIntoDisclosure(site, '602')
  await call.caller.press('1')
  await call.waitForQuestion()
  await call.caller.press('1')
  await call.waitForAgent()
  return call
}

/** The outcome of opening each recording of a call, by purpose. */
async function opening(call: PlacedCall, identities: Identity[]): Promise<Record<string, unknown>> {
  const outcome: Record<string, unknown> = {}
  for (const { id, purpose } of (await call.read())!.recordings)
    outcome[purpose] = await withParts({ db, store, keyStore }, id, parts =>
      decodeLegs(parts, identities),
    ).then(({ seconds }) => (seconds > 1 ? 'opened' : 'empty'), codeOf)
  return outcome
}
const opened = { service: 'opened', marketing: 'opened' }
const shut = { service: 'key.missing', marketing: 'key.missing' }

t.test('a rotation during recorded calls reseals the keys of each purpose in its own store', async t => {
  const old = await identitiesNow()
  const early = await talking()
  await early.finish()
  for (const name of PURPOSES) {
    for (const kind of ['apart', 'apart-keys']) {
      const files = (await listFilesBelow(folder(kind, name))).filter(path => !path.endsWith(MARK_FILE))
      t.equal(files.length, 1, `${kind}/${name}`)
      t.ok(files[0]!.startsWith(join(folder(kind, name), name)), 'the file is in the folder of its purpose')
    }
  }
  t.strictSame(await opening(early, old), opened)

  const running = await talking()
  const first = await verb('keygen', '--rotate')
  t.match(
    first.rotations,
    exactly(
      { purpose: 'service', resealed: 2, failed: none, finished: false },
      { purpose: 'marketing', resealed: 2, failed: none, finished: false },
      { purpose: 'consent', resealed: 0, failed: none },
    ),
  )
  const meanwhile = await talking()
  await Promise.all([running.finish(), meanwhile.finish()])
  const both = await identitiesNow()
  for (const call of [early, running, meanwhile]) t.strictSame(await opening(call, both), opened)
  t.strictSame([await opening(early, old), await opening(running, old)], [shut, shut])
  t.strictSame(
    await opening(meanwhile, old),
    opened,
    'the old identity opens a call that began before the restart',
  )

  await lab.service.restart()
  const late = await talking()
  await late.finish()
  const finished = { finished: true }
  t.match((await verb('keygen', '--rotate')).rotations, exactly(finished, finished, finished))
  const now = await identitiesNow()
  t.equal(now.length, 3, 'one identity for each purpose, and one for kept answers')
  for (const call of [early, running, meanwhile, late]) {
    t.strictSame(await opening(call, now), opened)
    t.strictSame(await opening(call, old), shut)
  }
  t.strictSame((await verifyRecordings({ db, store, keyStore, identities: now })).faults, [])
  t.match(await verb('audit'), { ok: true, checked: { recordings: 8, objects: 8, keys: 8 } })
})

t.test(
  'a line whose purpose has no store is refused, and a service with such a line does not start',
  async t => {
    const file = join(
      t.testdir({
        'line.json': JSON.stringify(
          longLine('603', { purposes: [purpose('training', { granted: 'granted' })] }),
        ),
      }),
      'line.json',
    )
    const env = { ...lab.env, ...settings }
    const refused = await promisify(execFile)(process.execPath, [cli, 'line', 'set', file], { env }).then(
      () => '',
      error => error.stderr,
    )
    t.match(refused, /There is no place for purpose "training" \(line 603\) in CONSENTRY_STORE/)
    const marketing = { CONSENTRY_STORE: `service=file:${folder('apart', 'service')}` }
    // A database serves one data folder, so it starts in that of the lab.
    await lab.service.stop()
    const started = await promisify(execFile)(process.execPath, [cli, 'serve'], {
      env: { ...lab.service.env, ...marketing },
    }).then(
      () => '',
      error => error.stderr,
    )
    t.match(started, /There is no place for purpose "marketing" \(line [0-9, ]+\) in CONSENTRY_STORE/)
  },
)
