// Real: the end of a tap. Fake: the tap, the orders to the PBX and the clock.
import t from 'tap'
import type { Ending } from '../../../src/audio/recording.js'
import type { Tap } from '../../../src/audio/tap/tap.js'
import { PbxIncarnation, TapEnd } from '../../../src/audio/tap-end.js'
import { AppError } from '../../../src/core/errors.js'
import type { TapStart } from '../../../src/core/ports.js'
import { createErrorLog } from '../../support/fakes/error-log.js'
import { flushPromises } from '../../support/fakes/fake-call.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

/** @param outcome of each order to start @param canStop whether the PBX carries out an order to stop */
function setUp({ outcome = 'started' as TapStart, canStop = true, orders = true, recording = true } = {}) {
  const clock = new FakeClock()
  const [endings, gaps, sent, starts] = [[] as Ending[], [] as string[], [] as string[], [] as number[][]]
  const ended = () => {
    end.legEnded('caller')
    end.legEnded('agent')
  }
  const pbx = {
    stop: async () => {
      sent.push('stop')
      if (canStop) ended()
    },
    start: async () => {
      sent.push('start')
      clock.advance(50)
      return outcome
    },
  }
  const incarnation = new PbxIncarnation('one', false)
  const { log, errors } = createErrorLog()
  const end = new TapEnd({
    ...{ clock, log, pbx: incarnation, recording: () => recording },
    orders: () => (orders ? pbx : undefined),
    onGap: ({ ms, silencedMs: { caller, agent } }, reason) =>
      void gaps.push(`${reason} ${(ms + caller) * 8} ${(ms + agent) * 8}`),
    onStarted: ({ earliest, latest }) => void starts.push([earliest, latest]),
    onEnd: ending => void endings.push(ending),
  })
  end.useTap({ reference: '/tap/1', readAgain: async () => void sent.push('read') } as unknown as Tap)
  const pass = async (ms: number) => {
    clock.advance(ms)
    await flushPromises()
  }
  /** Stops the tap, and waits until it counts as stopped. */
  const stop = async (by = pbx) => {
    const stopping = end.stop(by)
    await pass(0)
    return stopping
  }
  return { clock, end, endings, gaps, sent, starts, ended, pass, pbx, stop, errors }
}

t.test('a tap that somebody stopped is started again, and what is lost is reported', async t => {
  const { end, endings, gaps, sent, ended, pass } = setUp()
  ended()
  await pass(299)
  t.strictSame(sent, [], 'the channel may have ended')
  await pass(1)
  t.strictSame(sent, ['read', 'start'])
  t.strictSame(gaps, ['tap-stopped 2800 2800'])
  t.equal(end.stops, 1)
  await pass(60_000)
  t.strictSame(endings, [])
  end.gone()
  ended()
  t.strictSame(endings, [{ state: 'finished' }])
})

t.test('a tap that cannot be started again leaves a truncated recording', async t => {
  const { endings, starts, ended, pass } = setUp({ outcome: 'failed' })
  ended()
  await pass(300)
  t.strictSame(starts, [])
  await pass(1_000)
  t.strictSame(endings, [{ state: 'truncated', reason: 'tap-stopped' }])
})

t.test('the pipes of a channel that has ended end the recording whole', async t => {
  const known = setUp()
  known.ended()
  known.end.gone()
  await known.pass(2_000)
  t.strictSame(known.endings, [{ state: 'finished' }])
  t.strictSame(known.sent, [])
  const late = setUp({ outcome: 'no-channel' })
  late.ended()
  await late.pass(300)
  await late.pass(1_000)
  t.strictSame(late.endings, [{ state: 'finished' }])
  t.equal(late.end.stops, 0, 'nobody stopped it')
})

t.test('what is no longer recorded, or nobody can order, is not started', async t => {
  for (const options of [{ recording: false }, { orders: false }]) {
    const { endings, sent, ended, pass } = setUp(options)
    ended()
    await pass(1_000)
    t.strictSame(endings, [{ state: 'finished' }])
    t.strictSame(sent, [])
  }
})

t.test('somebody who goes on stopping a tap means to', async t => {
  const { endings, sent, ended, pass } = setUp()
  for (let i = 0; i < 30; i++) {
    ended()
    await pass(300)
    await pass(1_000)
  }
  t.equal(sent.filter(one => one === 'start').length, 20)
  t.strictSame(endings, [{ state: 'truncated', reason: 'tap-stopped' }])
})

t.test('a restart loses the time between stop and start, and is no stop by somebody else', async t => {
  const { clock, end, endings, gaps, sent, starts, pbx, stop } = setUp()
  t.equal(await stop(), true)
  t.equal(await end.start(pbx, 'tap-restarted', { agent: 200 }), 'started')
  t.strictSame(sent, ['stop', 'read', 'start'])
  t.strictSame(gaps, ['tap-restarted 400 2000'])
  t.strictSame(starts, [[clock.now() - 50, clock.now()]], 'between the order and its answer')
  t.equal(end.stops, 0)
  t.strictSame(endings, [])
})

t.test('a tap has started after the last look at which it had not', async t => {
  const { clock, end, starts, pbx, stop } = setUp()
  const looking = {
    ...pbx,
    start: async (_tap: string, onCheck?: () => void) => {
      for (let look = 0; look < 3; look++) {
        clock.advance(20)
        onCheck?.()
      }
      clock.advance(5)
      return 'started' as const
    },
  }
  await stop()
  await end.start(looking, 'tap-restarted')
  t.strictSame(starts, [[clock.now() - 25, clock.now()]])
})

t.test('a side that was silent before the restart was so until the tap had stopped', async t => {
  const { clock, end, gaps, pbx, stop } = setUp()
  const slow = {
    ...pbx,
    stop: async () => {
      clock.advance(120)
      await pbx.stop()
    },
  }
  for (const silencedMs of [200, 0, 200]) {
    t.equal(await stop(slow), true)
    t.equal(await end.start(slow, 'tap-restarted', { agent: silencedMs }), 'started')
  }
  // The third time, the tap had run for 120 ms.
  t.strictSame(gaps, ['tap-restarted 400 2960', 'tap-restarted 400 400', 'tap-restarted 400 1360'])
})

t.test('a tap that is being stopped is not stopped twice', async t => {
  const { end, endings, ended, pass, pbx } = setUp({ canStop: false })
  const stopping = end.stop(pbx)
  await pass(0)
  end.pbxLost()
  end.pbxBack('one')
  t.equal(await end.stop(pbx), false, 'it is being restarted')
  ended()
  t.equal(await stopping, true)
  t.strictSame(endings, [])
})

t.test('a tap that could not be started because the PBX was lost is started when it is back', async t => {
  const renewed = setUp()
  await renewed.stop()
  const refuse = async () => 'failed' as const
  renewed.end.notStarted(await renewed.end.start({ ...renewed.pbx, start: refuse }, 'tap-restarted'))
  renewed.end.pbxLost()
  await renewed.pass(5_000)
  t.strictSame(renewed.endings, [], 'the orders failed before the loss was reported')
  renewed.end.pbxBack('one')
  await renewed.pass(0)
  t.strictSame(renewed.sent, ['stop', 'read', 'read', 'start'])
  await renewed.pass(60_000)
  t.strictSame(renewed.endings, [])
  const stopped = setUp()
  const { start } = stopped.pbx
  stopped.pbx.start = refuse
  stopped.ended()
  await stopped.pass(300)
  stopped.pbx.start = start
  stopped.end.pbxLost()
  stopped.end.pbxBack('one')
  await stopped.pass(0)
  t.strictSame(stopped.sent, ['read', 'read', 'start'])
  await stopped.pass(60_000)
  t.strictSame(stopped.endings, [], 'the first failure ends nothing that runs again')
})

t.test('a tap whose end was looked into twice while the PBX was lost waits for it once', async t => {
  const { end, endings, sent, pbx, ended, pass } = setUp()
  ended()
  await pass(100)
  end.pbxLost()
  t.equal(await end.stop(pbx), true)
  end.notStarted(await end.start({ ...pbx, start: async () => 'failed' as const }, 'tap-restarted'))
  await pass(200)
  await pass(800)
  end.pbxBack('one')
  await pass(0)
  t.strictSame(sent, ['read', 'read', 'start'])
  await pass(60_000)
  t.strictSame(endings, [], 'the recording goes on')
})

t.test('a tap that waits for another one to stop is started once, whatever comes meanwhile', async t => {
  const asked = setUp()
  t.equal(await asked.stop(), true)
  asked.end.pbxLost()
  asked.end.pbxBack('one')
  await asked.pass(1_000)
  t.strictSame(asked.sent, ['stop'])
  t.equal(await asked.end.start(asked.pbx, 'tap-restarted'), 'started')
  t.strictSame([asked.sent, asked.end.stops], [['stop', 'read', 'start'], 0])
  const before = setUp()
  before.ended()
  await before.pass(100)
  t.equal(await before.end.stop(before.pbx), true, 'somebody else has just stopped it')
  await before.pass(1_000)
  t.strictSame(before.sent, [], 'nor is it started for that')
  t.equal(await before.end.start(before.pbx, 'tap-restarted'), 'started')
  t.strictSame(before.sent, ['read', 'start'])
})

t.test('a PBX that does not stop a tap goes on with it', async t => {
  const { clock, end, endings, pbx } = setUp({ canStop: false })
  const stopping = end.stop(pbx)
  await flushPromises()
  clock.advance(3_000)
  t.equal(await stopping, false)
  t.strictSame(endings, [])
})

t.test(
  'an error that nothing expects while a tap is started again is logged, and ends the recordings alone',
  async t => {
    for (const [error, kinds] of [
      [new TypeError('7900'), ['TypeError']],
      [new AppError('tap.unavailable', 'the keeper is gone'), []],
    ] as const) {
      const { endings, errors, ended, pass, pbx } = setUp()
      pbx.start = () => Promise.reject(error)
      ended()
      await pass(300)
      await pass(1_000)
      t.strictSame(endings, [{ state: 'truncated', reason: 'tap-stopped' }])
      t.strictSame(
        errors.map(({ kind }) => kind),
        kinds,
      )
    }
  },
)
