// Real: the clock and the timers of Node. Fake: none.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { systemClock } from '../../../src/shared/clock.js'

const CALLS = 1_000

/** Sets a timer at a moment between two ms. @returns how long after its time it was called, ms; below 0 if sooner */
async function lateness(turn: number): Promise<number> {
  await sleep(turn % 50)
  const [start, ms] = [systemClock.elapsed(), 20 + (turn % 7) / 7]
  await new Promise<void>(resolve => systemClock.after(ms, resolve))
  return systemClock.elapsed() - start - ms
}

t.test('no timer calls early, however often the process wakes', async t => {
  const late = await Promise.all(Array.from({ length: CALLS }, (_, turn) => lateness(turn)))
  t.strictSame(
    late.filter(ms => ms < 0),
    [],
  )
})

t.test('a cancelled timer does not call', async t => {
  let called = false
  const cancel = systemClock.after(5, () => {
    called = true
  })
  cancel()
  await sleep(20)
  t.notOk(called)
})
