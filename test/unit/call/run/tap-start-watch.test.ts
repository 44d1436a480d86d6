// Real: the watch over the start of taps. Fake: the clock, the dialplan and the pipes.
import t from 'tap'
import { TapStartWatch } from '../../../../src/call/run/tap-start-watch.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

const MINUTE_MS = 60_000

function setUp() {
  const clock = new FakeClock()
  const world = { started: false, unused: true, stays: true }
  const taps = new TapStartWatch(clock, { isUnused: async () => world.unused })
  const release = () => taps.watch({ startedTap: async () => world.started }, '/tap/1', () => world.stays)
  return { clock, world, taps, release }
}

t.test('a tap that the dialplan does not start is reported until another tap is started', async t => {
  const { clock, world, taps, release } = setUp()
  release()
  await clock.advanceAndWait(3_900)
  t.notOk(taps.lastNotStarted, 'nothing is reported before the second check')
  await clock.advanceAndWait(200)
  t.ok(taps.lastNotStarted)
  world.started = true
  release()
  await clock.advanceAndWait(2_100)
  t.notOk(taps.lastNotStarted)
})

t.test(
  'the report ends after ten minutes without calls, so that a load balancer sends the next call',
  async t => {
    const { clock, world, taps, release } = setUp()
    release()
    await clock.advanceAndWait(4_100)
    await clock.advanceAndWait(9 * MINUTE_MS)
    t.ok(taps.lastNotStarted, 'it is still reported after nine minutes')
    release()
    await clock.advanceAndWait(2 * MINUTE_MS)
    t.ok(taps.lastNotStarted, 'each tap that is not started prolongs the report')
    await clock.advanceAndWait(9 * MINUTE_MS)
    t.notOk(taps.lastNotStarted)
    release()
    await clock.advanceAndWait(4_100)
    t.ok(taps.lastNotStarted, 'the next tap that is not started is reported again')
    world.started = true
    release()
    await clock.advanceAndWait(2_100)
    t.notOk(taps.lastNotStarted)
  },
)

t.test(
  'nothing is reported for a call that is over or re-entered, or for pipes that are gone or in use',
  async t => {
    const cases: [change: object, reported: boolean][] = [
      [{}, true],
      [{ stays: false }, false],
      [{ unused: false }, false],
      [{ started: true }, false],
    ]
    for (const [change, reported] of cases) {
      const { clock, world, taps, release } = setUp()
      release()
      await clock.advanceAndWait(2_100)
      Object.assign(world, change)
      await clock.advanceAndWait(10_000)
      t.equal(Boolean(taps.lastNotStarted), reported, JSON.stringify(change))
    }
  },
)
