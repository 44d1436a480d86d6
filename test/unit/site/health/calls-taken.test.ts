// Real: the count. Fake: the clock and the events.
import t from 'tap'
import { event } from '../../../../src/core/events.js'
import { newCallId } from '../../../../src/core/ids.js'
import { CallsTaken } from '../../../../src/site/health/checks/calls-taken.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

const MINUTE = 60_000

function setUp() {
  const clock = new FakeClock()
  const taken = new CallsTaken(clock)
  const released = (reason?: string, call = newCallId()) => {
    taken.observe(
      event('call.released', call, clock.now(), {
        next: 'continue',
        tapped: false,
        ...(reason && { reason }),
      }),
    )
    return call
  }
  const rescued = (call = newCallId()) =>
    taken.observe(
      event('call.rescued', call, clock.now(), { by: 'keeper', reason: 'service-gone', channel: '1.1' }),
    )
  return { clock, taken, released, rescued }
}

t.test(
  'three callers who leave without our order raise an alarm, until later calls are returned for a while',
  async t => {
    const { clock, taken, released } = setUp()
    released('left')
    released()
    released('left')
    clock.advance(6_000)
    t.strictSame(taken.troubles(), [], 'two callers may have been transferred')
    released('left')
    clock.advance(6_000)
    matchEach(t, taken.troubles(), [{ alarm: 'calls-taken' }])
    released()
    clock.advance(11 * MINUTE)
    t.strictSame(taken.troubles(), [])
  },
)

t.test('callers who left half an hour apart count as long as no call is returned', async t => {
  const { clock, taken, released } = setUp()
  for (let i = 0; i < 3; i++) {
    released('left')
    clock.advance(30 * MINUTE)
    t.equal(taken.troubles().length, i < 2 ? 0 : 1)
  }
})

t.test('callers who were rescued by our keeper or returned by our order do not count', async t => {
  const { clock, taken, released, rescued } = setUp()
  for (let i = 0; i < 5; i++) {
    rescued(released('left'))
    const early = newCallId()
    rescued(early)
    released('left', early)
    released('service-restarted')
  }
  clock.advance(6_000)
  t.strictSame(taken.troubles(), [])
  for (let i = 0; i < 3; i++) released('left')
  clock.advance(6_000)
  matchEach(t, taken.troubles(), [{ alarm: 'calls-taken' }], 'callers who left do count')
})

t.test('the number of remembered callers is bounded while no call is returned for days', async t => {
  const { clock, taken, released } = setUp()
  for (let i = 0; i < 1_500; i++) released('left')
  t.equal(taken.remembered, 1_000)
  clock.advance(6_000)
  matchEach(t, taken.troubles(), [{ alarm: 'calls-taken' }])
})
