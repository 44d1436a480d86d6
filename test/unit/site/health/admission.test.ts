// Real: admission, lateness and rate. Fake: the clock, and the work that is measured.
import t, { type Test } from 'tap'
import { createAdmission } from '../../../../src/site/health/admission.js'
import { measureLateness } from '../../../../src/site/health/lateness.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

function setUp(t: Test) {
  const clock = new FakeClock()
  const lateness = measureLateness(clock)
  t.teardown(() => lateness.stop())
  const admission = createAdmission({ clock, lateness, maxLagMs: 300, firstRate: 10, bounds: [] })
  /** Callers come at a rate for some seconds. @returns how many of them are asked */
  const come = (perSecond: number, seconds: number) => {
    let asked = 0
    for (let i = 0; i < perSecond * seconds; i++) {
      clock.advance(1_000 / perSecond)
      if (admission.closed() !== undefined) continue
      admission.asked()
      asked++
    }
    return asked
  }
  /** Work that takes until the result is called. */
  const begin = (what: 'pbx' | 'commit' | 'storage') => {
    let done = () => {}
    void lateness.time(
      what,
      new Promise<void>(resolve => {
        done = resolve
      }),
    )
    return done
  }
  return { clock, lateness, admission, come, begin }
}

t.test('at first, a known rate is asked, with some at once', async t => {
  const { come } = setUp(t)
  t.equal(come(10, 20), 200)
  t.equal(come(10_000, 0.1), 40)
})

t.test('as many are asked as come, if their number rises with what the machine has carried', async t => {
  const { come } = setUp(t)
  for (const perSecond of [5, 10, 15, 20, 25, 30]) {
    t.equal(come(perSecond, 10), 10 * perSecond, `${perSecond} a second`)
    come(0.1, 10)
  }
})

t.test('of twice as many as are known, those pass who are too many', async t => {
  const { come } = setUp(t)
  const asked = come(20, 10)
  t.ok(asked >= 140 && asked <= 170, `${asked} of 200`)
})

for (const what of ['pbx', 'commit', 'storage'] as const)
  t.test(`callers pass while ${what} is slow, before it is done`, async t => {
    const { clock, lateness, admission, begin } = setUp(t)
    const done = begin(what)
    clock.advance(300)
    t.equal(admission.closed(), undefined, 'a single slow one is nothing')
    clock.advance(600)
    t.equal(admission.closed(), 'overloaded')
    t.equal(lateness.worst.what, what)
    matchEach(t, admission.loads(), [{ load: 'overloaded', why: /after \d+ ms/ }])
    done()
    await Promise.resolve()
    clock.advance(2_000)
    t.equal(admission.closed(), undefined, 'it is over')
    t.ok(lateness.worst.ms < 50)
  })

t.test('what hangs for ever does not keep callers from being asked for ever', async t => {
  const { clock, admission, begin } = setUp(t)
  begin('storage')
  clock.advance(5_000)
  t.equal(admission.closed(), 'overloaded')
  clock.advance(8_000)
  t.equal(admission.closed(), undefined)
})

t.test(
  'after lateness, fewer a second are asked than were too many, and more again when nothing is late',
  async t => {
    const { clock, admission, come, begin } = setUp(t)
    come(10, 12)
    come(13, 12)
    const before = come(30, 4) / 4
    const done = begin('commit')
    t.ok(come(30, 2) < 60)
    done()
    await Promise.resolve()
    clock.advance(2_000)
    come(60, 4)
    const first = come(60, 4) / 4
    t.ok(first > 5 && first < before, `${first} a second, ${before} before`)
    matchEach(t, admission.loads(), [{ load: 'overloaded', why: /at most \d+\.\d a second/ }])
    come(60, 10)
    const later = come(60, 4) / 4
    t.ok(later > first && later < 60, `${later} a second`)
    clock.advance(61_000)
    t.strictSame(admission.loads(), [])
    t.equal(come(10, 10), 100)
  },
)
