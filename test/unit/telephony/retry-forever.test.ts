// Real: the loop. Fake: the clock and the attempts.
import t from 'tap'
import { retryForever } from '../../../src/telephony/retry-forever.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

/** A PBX that cannot be reached, and a loop that tries to reach it. */
function setUp() {
  const clock = new FakeClock(0)
  const at: number[] = []
  const failures: unknown[] = []
  const pbx = { away: true, wanted: true, reached: false }
  const done = retryForever(
    async () => {
      at.push(clock.now())
      if (pbx.away) throw new Error(`attempt ${at.length}`)
      pbx.reached = true
    },
    { clock, cancelled: () => !pbx.wanted, onFirstFailure: error => failures.push(error) },
  )
  return { clock, pbx, at, failures, done }
}

t.test('a PBX that was away for an hour is reached within two seconds of its return', async t => {
  const { clock, pbx, at, failures, done } = setUp()
  await clock.advanceAndWait(3_600_000)
  const waits = at.slice(1).map((moment, i) => moment - at[i]!)
  t.strictSame(waits.slice(0, 5), [100, 200, 500, 1_000, 2_000])
  t.ok(
    waits.slice(4).every(wait => wait === 2_000),
    'the interval stays at two seconds',
  )
  t.ok(at.length > 1_790, `${at.length} attempts`)
  t.equal(failures.length, 1, 'one outage is reported once')
  pbx.away = false
  await clock.advanceAndWait(2_000)
  t.ok(pbx.reached)
  await done
})

t.test('the loop ends when it is cancelled', async t => {
  const { clock, pbx, at, done } = setUp()
  await clock.advanceAndWait(10_000)
  pbx.wanted = false
  await clock.advanceAndWait(2_000)
  await done
  const tried = at.length
  t.ok(tried > 5, `${tried} attempts`)
  await clock.advanceAndWait(60_000)
  t.equal(at.length, tried)
})
