// Real: the watch and its checks. Fake: the clock, the PBX, and its files.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openSite } from '../../../src/check/site.js'
import { watchSetup } from '../../../src/check/watch-setup.js'
import type { PbxExamination } from '../../../src/shared/pbx-facts.js'
import { NEEDED } from '../../support/check/planted.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { fakeHost } from '../../support/fakes/fake-host.js'
import { silent, until } from '../../support/processes/database.js'

const PBX: PbxExamination = {
  ...{ url: 'http://127.0.0.1:8088', app: 'consentry', version: '22.1.0', registered: true },
  ...{ included: true, current: true, modules: null, writable: true },
  ...{ globals: { CONSENTRY_APP: '', DIAL_OPTIONS: '', TRUNK_OPTIONS: '' }, disconnect: '*' },
}

t.test('what is wrong is an alarm until it is mended; only that is looked at again', async t => {
  const clock = new FakeClock()
  const host = fakeHost(t, {})
  const dir = t.testdir({})
  const settings = { ...NEEDED, CONSENTRY_DATA: dir, CONSENTRY_TAP_DIR: dir }
  let options = 'Ht'
  let reachable = false
  const probed: number[] = []
  let looks = 0
  const watch = watchSetup({
    openSite: () => ({
      ...openSite({ host, settings }),
      service: async () => undefined,
      probeTap: async () => {
        probed.push(looks)
        return { started: true, bytes: [1, 1] }
      },
      pbx: async () => ({ ...PBX, globals: { ...PBX.globals, DIAL_OPTIONS: options } }),
      close: async () => void looks++,
    }),
    reachable: () => reachable,
    clock,
    log: silent,
  })
  const found = () => watch.troubles('misconfigured').find(({ check }) => check === 'pbx-options')

  watch.lookSoon()
  clock.advance(5_000)
  t.equal(looks, 0, 'a PBX that is away is not looked at')
  reachable = true
  watch.lookSoon()
  clock.advance(5_000)
  await until(() => looks === 1)
  t.match(found(), { alarm: 'misconfigured', check: 'pbx-options', detail: /DIAL_OPTIONS: Take H and h out/ })
  t.strictSame(watch.troubles('tap-unreached'), [])

  options = 't'
  clock.advance(20_000)
  await until(() => looks === 2)
  t.equal(found(), undefined)
  t.strictSame(probed, [0], 'the tap was sound, and is not probed again')
  watch.stop()
  watch.lookSoon()
  clock.advance(60_000)
  t.equal(looks, 2, 'nothing is looked at after the end')
})

t.test(
  'what the PBX is set to record by itself is an alarm before the first call; it tells ten of many faults',
  async t => {
    const queues = (count: number) =>
      Array.from({ length: count }, (_, i) => `[queue-${i}]\nmonitor-format = wav\n`).join('')
    const dialplan = '[ext-did-0002]\nexten => 100,n,Gosub(sub-record-check,s,1(in,${EXTEN},force))\n'
    const files = { 'asterisk.conf': '', 'extensions.conf': dialplan, 'queues.conf': queues(11) }
    const paths = Object.entries(files).map(([name, content]) => [`etc/asterisk/${name}`, content])
    const host = fakeHost(t, { files: Object.fromEntries(paths) })
    const change = (name: keyof typeof files, content: string) =>
      writeFileSync(join(host.root, 'etc/asterisk', name), content)
    const clock = new FakeClock()
    const dir = t.testdir({})
    const settings = { ...NEEDED, CONSENTRY_DATA: dir, CONSENTRY_TAP_DIR: dir }
    let looks = 0
    const watch = watchSetup({
      openSite: () => ({
        ...openSite({ host, settings }),
        service: async () => undefined,
        probeTap: async () => ({ started: true, bytes: [1, 1] }),
        pbx: async () => PBX,
        close: async () => void looks++,
      }),
      reachable: () => true,
      clock,
      log: silent,
    })
    t.teardown(() => watch.stop())
    const found = () => watch.troubles('misconfigured').find(({ check }) => check === 'pbx-recording')?.detail
    watch.lookSoon()
    clock.advance(5_000)
    await until(() => looks === 1)
    t.match(found(), /queue-9 records its calls itself.* And 2 more: consentry check names them\.$/)
    t.notMatch(found(), /queue-10/)
    change('queues.conf', '')
    clock.advance(20_000)
    await until(() => looks === 2)
    t.match(
      found(),
      /^FreePBX records in 100 by itself \("force"\).*recording \(FreePBX\): Set its recording/,
    )
    change('extensions.conf', dialplan.replace('force', 'dontcare'))
    clock.advance(20_000)
    await until(() => looks === 3)
    t.equal(found(), undefined)
  },
)
