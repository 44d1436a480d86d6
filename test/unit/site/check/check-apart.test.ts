// Real: the watch, its checks, the process that looks for recordings of the PBX, and the files of Asterisk. Fake: the clock, the machine, the PBX.
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { checkApart } from '../../../../src/site/check/apart/check-apart.js'
import { watchSetup } from '../../../../src/site/check/watch-setup.js'
import { openSite } from '../../../../src/site/facts/site.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { NEEDED } from '../../../support/check/planted.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { fakeHost } from '../../../support/fakes/fake-host.js'
import { silent, until } from '../../../support/processes/database.js'

const url = 'http://127.0.0.1:8088'
const FORCED = '[ext-did-0002]\nexten => 100,n,Gosub(sub-record-check,s,1(in,${EXTEN},force))\n'

/** A machine with these files of Asterisk, which can be changed. */
function machine(t: Test, files: Record<string, string>) {
  const paths = Object.entries(files).map(([name, content]) => [`etc/asterisk/${name}`, content])
  const host = fakeHost(t, { files: Object.fromEntries(paths) })
  const change = (name: string, content: string) =>
    writeFileSync(join(host.root, 'etc/asterisk', name), content)
  const folder = join(host.root, 'etc/asterisk')
  /** Takes the files away, or brings them back. */
  const rename = (where: 'away' | 'back') =>
    where === 'away' ? renameSync(folder, `${folder}.away`) : renameSync(`${folder}.away`, folder)
  return { host, change, rename }
}

/** The watch of a service on that machine. `looks`: how many looks are over; `told`: what it has logged. */
function watched(t: Test, host: ReturnType<typeof fakeHost>) {
  const clock = new FakeClock()
  const state = { looks: 0, told: [] as object[] }
  const log = silent.child({})
  log.info = ((about: object, words: string) => void state.told.push({ about, words })) as typeof log.info
  const watch = watchSetup({
    openSite: () => ({
      ...openSite({ host, settings: NEEDED }),
      ...{ service: async () => undefined, probeTap: async () => ({ started: true, bytes: [1, 1] }) },
      pbx: () => Promise.reject(new Error('not asked')),
      pbxRecording: () => checkApart({ host, url }, new AbortController().signal),
      close: async () => void state.looks++,
    }),
    reachable: () => true,
    clock,
    log,
  })
  t.teardown(() => watch.stop())
  const found = () => watch.troubles('misconfigured').find(({ check }) => check === 'pbx-recording')?.detail
  /** Time passes, and what is looked at then is looked at. */
  const later = async (ms: number, looks: number) => {
    clock.advance(ms)
    await until(() => state.looks === looks)
  }
  return { watch, state, found, later }
}

t.test('what the PBX is set to record by itself is an alarm, which tells ten of many faults', async t => {
  const queues = Array.from({ length: 11 }, (_, i) => `[queue-${i}]\nmonitor-format = wav\n`).join('')
  const files = { 'asterisk.conf': '', 'extensions.conf': FORCED, 'queues.conf': queues }
  const { host, change, rename } = machine(t, files)
  const { watch, state, found, later } = watched(t, host)
  watch.checkSoon()
  await later(5_000, 1)
  t.equal(found(), undefined, 'callers who wait after a restart come first')
  await later(25_000, 2)
  t.match(found(), /queue-9 records its calls itself.* And 2 more: consentry check names them\.$/)
  t.notMatch(found(), /queue-10/)
  change('queues.conf', '')
  change('extensions.conf', FORCED)
  const before = state.looks
  await later(300_000, before + 1)
  t.match(found(), /^FreePBX records in 100 by itself \("force"\).*recording \(FreePBX\): Set its recording/)
  rename('away')
  await later(300_000, before + 2)
  t.match(found(), /records in 100/, 'what was found stands while nobody can look')
  rename('back')
  change('extensions.conf', FORCED.replace('force', 'dontcare'))
  await later(300_000, before + 3)
  t.equal(found(), undefined)
  t.equal(state.told.length, 1, 'only what cannot be looked at is a line in the log')
})

t.test('where the files are closed to the service, that is one line in the log, and no alarm', async t => {
  const { host } = machine(t, {})
  const { watch, state, found, later } = watched(t, host)
  for (const looks of [2, 4]) {
    watch.checkSoon()
    await later(5_000, looks - 1)
    await later(25_000, looks)
    t.equal(found(), undefined)
  }
  matchEach(t, state.told, [
    { about: { check: 'pbx-recording', reason: /run this as root/ }, words: /consentry check/ },
  ])
})

t.test(
  'a process that ends early, says too much or hangs is no answer; it ends with the service',
  async t => {
    const { host } = machine(t, {})
    const programs = t.testdir({
      'fails.mjs': 'process.exit(1)',
      'babbles.mjs': "process.stdout.write('x')",
      'floods.mjs': "process.stdout.write('x'.repeat(5_000_000))",
      'hangs.mjs': 'setInterval(() => {}, 1_000)',
    })
    const look = (name: string, signal = new AbortController().signal) =>
      checkApart({ host, url }, signal, [join(programs, name)])
    for (const name of ['fails.mjs', 'babbles.mjs', 'floods.mjs'])
      t.match(await look(name), { state: 'unknown', found: { en: /no answer/ } }, name)
    const ending = new AbortController()
    const hanging = look('hangs.mjs', ending.signal)
    ending.abort()
    t.match(await hanging, { state: 'unknown' })
  },
)
