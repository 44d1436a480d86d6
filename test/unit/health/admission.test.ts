// Real: admission, lateness and rate. Fake: the clock, and the work that is measured.
import t, { type Test } from 'tap'
import { createAdmission } from '../../../src/health/admission.js'
import { measureLateness } from '../../../src/health/lateness.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

function setUp(t: Test) {
  const clock = new FakeClock()
  const lateness = measureLateness(clock)
  t.teardown(() => lateness.stop())
  const admission = createAdmission({ clock, lateness, maxLagMs: 300, bounds: [] })
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

t.test('without lateness, as many are asked as come', async t => {
  const { come } = setUp(t)
  t.equal(come(500, 2), 1_000)
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
    t.equal(come(30, 4), 120)
    const done = begin('commit')
    t.ok(come(30, 2) < 60)
    done()
    await Promise.resolve()
    clock.advance(2_000)
    come(60, 4)
    const first = come(60, 4) / 4
    t.ok(first > 5 && first < 26, `${first} a second`)
    matchEach(t, admission.loads(), [{ load: 'overloaded', why: /at most \d+\.\d a second/ }])
    come(60, 10)
    const later = come(60, 4) / 4
    t.ok(later > first && later < 60, `${later} a second`)
    clock.advance(61_000)
    t.strictSame(admission.loads(), [])
    t.equal(come(100, 1), 100, 'there is no limit any more')
  },
)
