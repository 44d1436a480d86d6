// Real: the watch. Fake: the clock, the dialplan's word, the pipes.
import t from 'tap'
import { TapStartWatch } from '../../../src/call/tap-start-watch.js'
import { FakeClock } from '../../support/fake-clock.js'

const MINUTE_MS = 60_000

function setUp() {
  const clock = new FakeClock()
  const world = { started: false, unused: true, stays: true }
  const taps = new TapStartWatch(clock, { isUnused: async () => world.unused })
  const release = () => taps.watch({ startedTap: async () => world.started }, '/tap/1', () => world.stays)
  return { clock, world, taps, release }
}

t.test('a tap that the dialplan does not start is told, until one is started', async t => {
  const { clock, world, taps, release } = setUp()
  release()
  await clock.run(3_900)
  t.notOk(taps.lastNotStarted, 'it is looked at twice')
  await clock.run(200)
  t.ok(taps.lastNotStarted)
  world.started = true
  release()
  await clock.run(2_100)
  t.notOk(taps.lastNotStarted)
})

t.test(
  'without calls it ends by itself, so that whoever waits for readiness gives the next call',
  async t => {
    const { clock, world, taps, release } = setUp()
    release()
    await clock.run(4_100)
    await clock.run(9 * MINUTE_MS)
    t.ok(taps.lastNotStarted, 'it stands for a while')
    release()
    await clock.run(2 * MINUTE_MS)
    t.ok(taps.lastNotStarted, 'each tap that is not started makes it last')
    await clock.run(9 * MINUTE_MS)
    t.notOk(taps.lastNotStarted)
    release()
    await clock.run(4_100)
    t.ok(taps.lastNotStarted, 'the next one tells it anew')
    world.started = true
    release()
    await clock.run(2_100)
    t.notOk(taps.lastNotStarted)
  },
)

t.test(
  'nothing is told of a call that is over or came back, nor of pipes that are gone or in use',
  async t => {
    for (const change of [{ stays: false }, { unused: false }, { started: true }]) {
      const { clock, world, taps, release } = setUp()
      release()
      await clock.run(2_100)
      Object.assign(world, change)
      await clock.run(10_000)
      t.notOk(taps.lastNotStarted, JSON.stringify(change))
    }
  },
)
