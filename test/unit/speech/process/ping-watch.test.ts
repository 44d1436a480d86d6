// Real: the watch. Fake: the clock and the process.
import t from 'tap'
import { PingWatch } from '../../../../src/speech/process/ping-watch.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

function setUp() {
  const clock = new FakeClock()
  const seen: string[] = []
  let answers = true
  const watch = new PingWatch(clock, {
    ping(count) {
      if (answers) clock.after(5, () => watch.pong(count))
    },
    silent: () => seen.push('silent'),
    gone: () => seen.push('gone'),
  })
  watch.start()
  return { clock, seen, watch, fallSilent: () => (answers = false), answer: () => (answers = true) }
}

t.test('a process that answers is left alone', async t => {
  const { clock, seen } = setUp()
  clock.advance(60_000)
  t.strictSame(seen, [])
})

t.test('silence is reported once after 2 s, and after 5 s the process is given up', async t => {
  const { clock, seen, watch, fallSilent } = setUp()
  clock.advance(1_100)
  fallSilent()
  clock.advance(1_900)
  t.strictSame(seen, [])
  clock.advance(600)
  t.strictSame(seen, ['silent'])
  clock.advance(2_300)
  t.strictSame(seen, ['silent'])
  clock.advance(800)
  t.match(seen[1], 'gone')
  watch.stop()
  const { length } = seen
  clock.advance(10_000)
  t.equal(seen.length, length, 'a watch that was stopped is silent')
})

t.test('a process that comes back is watched as before', async t => {
  const { clock, seen, watch, fallSilent, answer } = setUp()
  fallSilent()
  clock.advance(2_600)
  t.strictSame(seen, ['silent'])
  answer()
  t.equal(watch.pong(1_000), false, 'the answer to another ping says nothing')
  let last = 0
  for (let count = 1; count < 20; count += 1) if (watch.pong(count)) last = count
  t.ok(last > 0)
  clock.advance(10_000)
  t.strictSame(seen, ['silent'])
  fallSilent()
  clock.advance(2_600)
  t.strictSame(seen, ['silent', 'silent'])
})

t.test('the silence while this process stood still proves nothing', async t => {
  const { clock, seen } = setUp()
  clock.advance(1_000)
  clock.standStill(4_000)
  clock.advance(1)
  t.strictSame(seen, [])
  clock.advance(5_000)
  t.strictSame(seen, [])
})
