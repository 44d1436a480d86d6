// Real: the helpers. Fake: the clock, the work.
import t from 'tap'
import { waitAtMost, withDeadline } from '../../../src/lib/deadline.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

const MS = 500
const error = () => new Error('too late')

/** Work that a test ends. */
function openWork() {
  let succeed = (_: string) => {}
  let fail = (_: Error) => {}
  const work = new Promise<string>((resolve, reject) => {
    succeed = resolve
    fail = reject
  })
  return { work, succeed, fail }
}

t.test('work in time gives its result or its failure, and the timer is gone', async t => {
  const clock = new FakeClock(0)
  const good = openWork()
  const bad = openWork()
  const result = withDeadline(good.work, { clock, ms: MS, error, onLate: () => t.fail('it was in time') })
  const failure = t.rejects(withDeadline(bad.work, { clock, ms: MS, error }), { message: 'broken' })
  await clock.advanceAndWait(MS - 1)
  good.succeed('made')
  bad.fail(new Error('broken'))
  t.equal(await result, 'made')
  await failure
  t.equal(clock.timers, 0)
})

t.test('at the deadline the error is thrown; a late success is handed over to be undone', async t => {
  const clock = new FakeClock(0)
  const { work, succeed } = openWork()
  const undone: string[] = []
  const waited = t.rejects(
    withDeadline(work, { clock, ms: MS, error, onLate: made => undone.push(made) }),
    error(),
  )
  await clock.advanceAndWait(MS)
  await waited
  t.strictSame(undone, [])
  succeed('made')
  await clock.advanceAndWait(0)
  t.strictSame(undone, ['made'])
})

t.test('a late failure is dropped', async t => {
  const clock = new FakeClock(0)
  const { work, fail } = openWork()
  const onLate = () => t.fail('nothing was made')
  const waited = t.rejects(withDeadline(work, { clock, ms: MS, error, onLate }), error())
  await clock.advanceAndWait(MS)
  await waited
  fail(new Error('broken'))
  // An unhandled rejection would end this process.
  await clock.advanceAndWait(0)
})

t.test('with a signal, time counts from its abort on', async t => {
  const clock = new FakeClock(0)
  const pressing = new AbortController()
  const { work } = openWork()
  let late = false
  const waited = withDeadline(work, { clock, ms: MS, from: pressing.signal, error }).catch(() => {
    late = true
  })
  await clock.advanceAndWait(60_000)
  t.notOk(late, 'nothing limits the wait before')
  pressing.abort()
  await clock.advanceAndWait(MS - 1)
  t.notOk(late)
  await clock.advanceAndWait(1)
  await waited
  t.ok(late)
})

t.test(
  'a signal that is aborted before counts at once; one that is aborted after the work counts no more',
  async t => {
    const clock = new FakeClock(0)
    const early = AbortSignal.abort()
    await Promise.all([
      t.rejects(withDeadline(openWork().work, { clock, ms: MS, from: early, error }), error()),
      clock.advanceAndWait(MS),
    ])
    const pressing = new AbortController()
    t.equal(
      await withDeadline(Promise.resolve('made'), { clock, ms: MS, from: pressing.signal, error }),
      'made',
    )
    pressing.abort()
    t.equal(clock.timers, 0)
  },
)

t.test('waiting at most tells whether the work has ended, and passes no failure on', async t => {
  const clock = new FakeClock(0)
  const { work, fail } = openWork()
  t.equal(await waitAtMost(clock, MS, Promise.resolve()), true)
  t.equal(await waitAtMost(clock, MS, Promise.reject(new Error('broken'))), true)
  t.equal(clock.timers, 0)
  const waited = waitAtMost(clock, MS, work)
  await clock.advanceAndWait(MS)
  t.equal(await waited, false)
  fail(new Error('broken'))
  await clock.advanceAndWait(0)
})
