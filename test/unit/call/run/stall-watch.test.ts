// Real: the stall watch. Fake: the clock.
import t from 'tap'
import { watchForStalls } from '../../../../src/call/run/stall-watch.js'
import type { Clock } from '../../../../src/core/clock.js'

/** A clock that runs its timers in the order in which they are due, even if they are late. */
function fakeClock() {
  let now = 0
  let timers: { due: number; fn: () => void }[] = []
  const clock: Clock = {
    now: () => now,
    elapsed: () => now,
    after(ms, fn) {
      const timer = { due: now + ms, fn }
      timers.push(timer)
      return () => {
        timers = timers.filter(other => other !== timer)
      }
    },
  }
  const run = () => {
    for (;;) {
      const [next] = timers.filter(({ due }) => due <= now).sort((a, b) => a.due - b.due)
      if (!next) return
      timers.splice(timers.indexOf(next), 1)
      next.fn()
    }
  }
  return {
    clock,
    /** Time passes and timers run. */
    live(ms: number) {
      for (const end = now + ms; now < end; run()) now += 50
    },
    /** Time passes and no timer runs. */
    standStill(ms: number) {
      now += ms
    },
    run,
    get timers() {
      return timers.length
    },
  }
}

t.test('time that passes with running timers is no stall, nor is a pause of 1.5 s', async t => {
  const time = fakeClock()
  const stalls: number[] = []
  watchForStalls(time.clock).onStall(ms => stalls.push(ms))
  time.live(20_000)
  time.standStill(1_500)
  time.run()
  t.strictSame(stalls, [])
  time.standStill(8_000)
  time.run()
  t.equal(stalls.length, 1, 'a longer one is')
})

t.test('a timer that was due in a stall runs after the stall is detected', async t => {
  const time = fakeClock()
  const seen: string[] = []
  const { clock, onStall } = watchForStalls(time.clock)
  onStall(() => seen.push('stall'))
  clock.after(20, () => seen.push('silence'))
  time.standStill(8_000)
  time.run()
  t.same(seen, ['stall', 'silence'])
})

t.test('`check` detects a stall too, and each stall is reported once', async t => {
  const time = fakeClock()
  const stalls: number[] = []
  const watch = watchForStalls(time.clock)
  watch.onStall(ms => stalls.push(ms))
  time.standStill(8_000)
  watch.check()
  watch.check()
  time.run()
  t.same(stalls, [8_000])
})

t.test('a cancelled timer does not run, and a stopped watch has no timer', async t => {
  const time = fakeClock()
  const watch = watchForStalls(time.clock)
  const ran: string[] = []
  const cancel = watch.clock.after(100, () => ran.push('cancelled'))
  watch.clock.after(100, () => ran.push('kept'))
  cancel()
  time.live(1_000)
  t.strictSame(ran, ['kept'])
  t.equal(time.timers, 1, 'the timer of the watch')
  watch.stop()
  t.equal(time.timers, 0)
})
