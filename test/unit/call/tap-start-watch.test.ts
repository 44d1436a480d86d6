// Real: the watch. Fake: the clock, the dialplan, the pipes.
import t from 'tap'
import { TapStartWatch } from '../../../src/call/tap-start-watch.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

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
  t.notOk(taps.lastNotStarted, 'it is checked twice')
  await clock.advanceAndWait(200)
  t.ok(taps.lastNotStarted)
  world.started = true
  release()
  await clock.advanceAndWait(2_100)
  t.notOk(taps.lastNotStarted)
})

t.test('without calls it ends after ten minutes, so that a load balancer sends the next call', async t => {
  const { clock, world, taps, release } = setUp()
  release()
  await clock.advanceAndWait(4_100)
  await clock.advanceAndWait(9 * MINUTE_MS)
  t.ok(taps.lastNotStarted, 'it is still reported after nine minutes')
  release()
  await clock.advanceAndWait(2 * MINUTE_MS)
  t.ok(taps.lastNotStarted, 'each tap that is not started prolongs it')
  await clock.advanceAndWait(9 * MINUTE_MS)
  t.notOk(taps.lastNotStarted)
  release()
  await clock.advanceAndWait(4_100)
  t.ok(taps.lastNotStarted, 'the next tap that is not started is reported again')
  world.started = true
  release()
  await clock.advanceAndWait(2_100)
  t.notOk(taps.lastNotStarted)
})

t.test(
  'nothing is reported for a call that is over or re-entered, or for pipes that are gone or in use',
  async t => {
    for (const change of [{ stays: false }, { unused: false }, { started: true }]) {
      const { clock, world, taps, release } = setUp()
      release()
      await clock.advanceAndWait(2_100)
      Object.assign(world, change)
      await clock.advanceAndWait(10_000)
      t.notOk(taps.lastNotStarted, JSON.stringify(change))
    }
  },
)
