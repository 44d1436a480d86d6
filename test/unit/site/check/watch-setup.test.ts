// Real: the watch and its checks. Fake: the clock, and the PBX.
import t from 'tap'
import type { PbxExamination } from '../../../../src/core/pbx-facts.js'
import { watchSetup } from '../../../../src/site/check/watch-setup.js'
import { openSite } from '../../../../src/site/facts/site.js'
import { assertFound, assertSound, NEEDED } from '../../../support/check/planted.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { fakeHost } from '../../../support/fakes/fake-host.js'
import { silent, until } from '../../../support/processes/database.js'

const PBX: PbxExamination = {
  ...{ url: 'http://127.0.0.1:8088', app: 'consentry', version: '22.1.0', registered: true },
  ...{ included: true, current: true, modules: null, writable: true, followed: null },
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

  watch.checkSoon()
  clock.advance(5_000)
  t.equal(looks, 0, 'a PBX that is away is not looked at')
  reachable = true
  watch.checkSoon()
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
  watch.checkSoon()
  clock.advance(60_000)
  t.equal(looks, 2, 'nothing is looked at after the end')
})

t.test('a PBX that does not report who joins a conversation is found by its service', async t => {
  const asked = (followed: boolean | null) => ({ parts: { pbx: async () => ({ ...PBX, followed }) } })
  await assertFound(t, 'it refuses the subscription', {
    ...{ check: 'pbx', setting: /^ARI_URL$/, found: /recordings are paused/, remedy: /asks again/ },
    ...asked(false),
  })
  for (const followed of [true, null]) await assertSound(t, 'pbx', asked(followed))
})
