// Real: the helper. Fake: the clock, what is attempted.
import t from 'tap'
import { RECONNECT_MS } from '../../../src/asterisk/telephony.js'
import { retry, sleep } from '../../../src/lib/retry.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

/** A PBX that is away, and the attempts to reach it with the service's own waits. */
function setUp() {
  const clock = new FakeClock(0)
  const stopping = new AbortController()
  const at: number[] = []
  const failures: number[] = []
  const pbx = { away: true }
  const done = retry(
    async () => {
      at.push(clock.now())
      if (pbx.away) throw new Error(`attempt ${at.length}`)
      return 'reached'
    },
    { clock, waitsMs: RECONNECT_MS, signal: stopping.signal, onFailure: (_, count) => failures.push(count) },
  )
  return { clock, pbx, at, failures, done, stopping }
}

t.test('a PBX that was away for an hour is found within two seconds of its return', async t => {
  const { clock, pbx, at, failures, done } = setUp()
  await clock.advanceAndWait(3_600_000)
  const waits = at.slice(1).map((moment, i) => moment - at[i]!)
  t.strictSame(waits.slice(0, 5), [100, 200, 500, 1_000, 2_000])
  t.ok(
    waits.slice(4).every(wait => wait === 2_000),
    'the interval stays at two seconds',
  )
  t.ok(at.length > 1_790, `${at.length} attempts`)
  t.strictSame(
    failures,
    at.map((_, i) => i + 1),
    'each failure is counted, so that one outage can be reported once',
  )
  pbx.away = false
  await clock.advanceAndWait(2_000)
  t.equal(await done, 'reached')
})

t.test('an abort ends the wait at once, and no attempt follows', async t => {
  const { clock, at, done, stopping } = setUp()
  await clock.advanceAndWait(10_000)
  const tried = at.length
  stopping.abort()
  t.equal(await done, undefined)
  await clock.advanceAndWait(60_000)
  t.equal(at.length, tried)
})

t.test('an attempt that fails after the abort is not reported, because nothing is tried again', async t => {
  const stopping = new AbortController()
  const failures: unknown[] = []
  const attempt = async () => {
    stopping.abort()
    throw new Error('too late')
  }
  const onFailure = (error: unknown) => failures.push(error)
  const done = retry(attempt, { clock: new FakeClock(0), waitsMs: [10], signal: stopping.signal, onFailure })
  t.equal(await done, undefined)
  t.strictSame(failures, [])
})

t.test('the result of an attempt that runs at the abort still counts', async t => {
  const stopping = new AbortController()
  let succeed = (_: string) => {}
  const attempt = () =>
    new Promise<string>(resolve => {
      succeed = resolve
    })
  const done = retry(attempt, { clock: new FakeClock(0), waitsMs: [10], signal: stopping.signal })
  stopping.abort()
  succeed('late')
  t.equal(await done, 'late')
})

t.test('without an abort signal, attempts end with success or with a final failure', async t => {
  const clock = new FakeClock(0)
  let attempts = 0
  const seen: unknown[] = []
  const done = retry(
    async () => {
      attempts += 1
      throw new Error(attempts < 3 ? 'again' : 'final')
    },
    {
      clock,
      waitsMs: [50],
      giveUp: error => (error as Error).message === 'final',
      onFailure: error => seen.push((error as Error).message),
    },
  )
  const failed = t.rejects(done, { message: 'final' })
  await clock.advanceAndWait(99)
  t.equal(attempts, 2)
  await clock.advanceAndWait(1)
  await failed
  t.equal(attempts, 3)
  t.strictSame(seen, ['again', 'again'], 'the final failure is thrown, not reported')
})

t.test('a sleep ends at its time, or with its signal, and leaves no timer', async t => {
  const clock = new FakeClock(0)
  const stopping = new AbortController()
  const ended: string[] = []
  void sleep(clock, 100).then(() => ended.push('time'))
  void sleep(clock, 500, stopping.signal).then(() => ended.push('signal'))
  await clock.advanceAndWait(99)
  t.strictSame(ended, [])
  await clock.advanceAndWait(1)
  t.strictSame(ended, ['time'])
  stopping.abort()
  await clock.advanceAndWait(0)
  t.strictSame(ended, ['time', 'signal'])
  await sleep(clock, 500, stopping.signal)
  t.equal(clock.timers, 0)
})
