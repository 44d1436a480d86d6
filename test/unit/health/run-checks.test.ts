// Real: the rounds of checks and the timers. Fake: the checks and the journal (a list).
import t from 'tap'
import { Alarms } from '../../../src/health/alarms.js'
import { Probes } from '../../../src/health/checks/probes.js'
import { runChecks } from '../../../src/health/run-checks.js'
import { systemClock } from '../../../src/shared/clock.js'
import { AppError } from '../../../src/shared/errors.js'
import { silent, until } from '../../support/processes/database.js'

const setUp = () => {
  const told: string[] = []
  const journal = { note: (one: { type: string }) => void told.push(one.type) }
  return { told, alarms: new Alarms({ journal, clock: systemClock, log: silent }) }
}

t.test(
  'a trouble raises its alarm in the first round, which is cleared when the trouble is over',
  async t => {
    const { told, alarms } = setUp()
    let full = true
    const troubles = () => (full ? [{ alarm: 'disk-low' as const, detail: 'full' }] : [])
    const looks = runChecks([{ alarms: ['disk-low'], costly: true, troubles }], alarms, silent)
    t.teardown(() => looks.stop())
    await looks.first
    t.equal(alarms.count('disk-low'), 1)
    full = false
    await until(() => alarms.count('disk-low') === 0)
    t.strictSame(told, ['alarm.raised', 'alarm.cleared'])
  },
)

t.test(
  'a failing check does not affect the others, and a check that ends after the stop changes nothing',
  async t => {
    const { told, alarms } = setUp()
    let answer = () => {}
    const late = new Promise<void>(resolve => {
      answer = resolve
    })
    const broken = { alarms: ['file-limit' as const], troubles: () => Promise.reject(new Error('broken')) }
    const slow = {
      alarms: ['disk-low' as const],
      troubles: async () => {
        await late
        return [{ alarm: 'disk-low' as const, detail: 'full' }]
      },
    }
    const looks = runChecks([broken, slow], alarms, silent)
    looks.stop()
    answer()
    await looks.first
    t.strictSame(told, [])
  },
)

t.test(
  'the first failing probe of a kind gives the trouble, and a hung probe is not started twice',
  async t => {
    let asked = 0
    const hangs = () => {
      asked++
      return new Promise(() => {})
    }
    const full = async () => {
      throw new AppError('store.unwritable', 'store /srv: ENOSPC')
    }
    const probes = new Probes([
      { alarm: 'store-unwritable', attempt: full },
      { alarm: 'store-unwritable', attempt: full },
      { alarm: 'tap-unavailable', attempt: async () => {} },
    ])
    t.strictSame(await probes.troubles(), [{ alarm: 'store-unwritable', detail: 'store /srv: ENOSPC' }])
    // Only this timer keeps the process alive until then.
    const alive = setInterval(() => {}, 1_000)
    t.teardown(() => clearInterval(alive))
    const hanging = new Probes([{ alarm: 'keys-unwritable', attempt: hangs }], 100)
    const twice = await Promise.all([hanging.troubles(), hanging.troubles()])
    t.match(twice, [[{ detail: /no answer/ }], [{ detail: /no answer/ }]])
    t.equal(asked, 1)
  },
)
