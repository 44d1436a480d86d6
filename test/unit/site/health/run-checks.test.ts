// Real: the rounds of checks and the timers. Fake: the checks and the journal (a list).
import t from 'tap'
import { systemClock } from '../../../../src/core/clock.js'
import { AppError } from '../../../../src/core/errors.js'
import { Alarms, runChecks } from '../../../../src/site/health/alarms.js'
import { Probes } from '../../../../src/site/health/checks/health-checks.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { silent, until } from '../../../support/processes/database.js'

const setUp = () => {
  const journalled: string[] = []
  const journal = { note: (one: { type: string }) => void journalled.push(one.type) }
  return { journalled, alarms: new Alarms({ journal, clock: systemClock, log: silent }) }
}

t.test(
  'a trouble raises its alarm in the first round, and the alarm is cleared when the trouble is over',
  async t => {
    const { journalled, alarms } = setUp()
    let full = true
    const troubles = () => (full ? [{ alarm: 'disk-low' as const, detail: 'full' }] : [])
    const checks = runChecks([{ alarms: ['disk-low'], costly: true, troubles }], alarms, silent)
    t.teardown(() => checks.stop())
    await checks.first
    t.equal(alarms.count('disk-low'), 1)
    full = false
    await until(() => alarms.count('disk-low') === 0)
    t.strictSame(journalled, ['alarm.raised', 'alarm.cleared'])
  },
)

const full = [{ alarm: 'disk-low' as const, detail: 'full' }]

t.test('a check that fails does not keep other checks from raising alarms', async t => {
  const { alarms } = setUp()
  const broken = { alarms: ['file-limit' as const], troubles: () => Promise.reject(new Error('broken')) }
  const working = { alarms: ['disk-low' as const], troubles: () => full }
  const checks = runChecks([broken, working], alarms, silent)
  t.teardown(() => checks.stop())
  await checks.first
  t.equal(alarms.count('disk-low'), 1)
})

t.test('a check that ends after the stop raises no alarm', async t => {
  for (const stops of [false, true]) {
    const { journalled, alarms } = setUp()
    let answer = () => {}
    const slow = {
      alarms: ['disk-low' as const],
      troubles: () =>
        new Promise<typeof full>(resolve => {
          answer = () => resolve(full)
        }),
    }
    const checks = runChecks([slow], alarms, silent)
    t.teardown(() => checks.stop())
    if (stops) checks.stop()
    answer()
    await checks.first
    t.strictSame(journalled, stops ? [] : ['alarm.raised'])
  }
})

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
    const hanging = new Probes([{ alarm: 'keys-unwritable', attempt: hangs }], { silentMs: 500 })
    const twice = await Promise.all([hanging.troubles(), hanging.troubles()])
    for (const troubles of twice) matchEach(t, troubles, [{ detail: /no answer/ }])
    t.equal(asked, 1)
  },
)

t.test(
  'a probe fails by the clock of whoever makes it; until that is known, all stays as it was',
  async t => {
    const results: boolean[] = []
    let report = (_ms: number) => {}
    let works: Promise<void> = new Promise(() => {})
    const probe = {
      alarm: 'store-unwritable' as const,
      attempt(underWay: (ms: number) => void) {
        report = underWay
        return works
      },
      onResult: (one: boolean) => void results.push(one),
    }
    const alive = setInterval(() => {}, 1_000)
    t.teardown(() => clearInterval(alive))
    const probes = new Probes([probe], { waitMs: 50 })
    t.strictSame(await probes.troubles(), [], 'whoever makes it is late, and the disk may be sound')
    report(2_999)
    t.strictSame(await probes.troubles(), [])
    t.strictSame(results, [])
    report(3_000)
    matchEach(t, await probes.troubles(), [{ alarm: 'store-unwritable', detail: 'no answer within 3 s' }])
    t.strictSame(results, [false])

    works = Promise.resolve()
    const again = new Probes([probe], { waitMs: 50 })
    t.strictSame(await again.troubles(), [])
    t.strictSame(results, [false, true])
  },
)
