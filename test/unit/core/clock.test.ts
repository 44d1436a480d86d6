// Real: the clock and the timers of Node. Fake: none.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { dueDay, systemClock } from '../../../src/core/clock.js'

const TIMERS = 1_000

/** Sets a timer at a moment between two ms. @returns how long after its time it ran, ms; below 0 if it ran early */
async function lateness(turn: number): Promise<number> {
  await sleep(turn % 50)
  const [start, ms] = [systemClock.elapsed(), 20 + (turn % 7) / 7]
  await new Promise<void>(resolve => systemClock.after(ms, resolve))
  return systemClock.elapsed() - start - ms
}

t.test('no timer of many runs early', async t => {
  const late = await Promise.all(Array.from({ length: TIMERS }, (_, turn) => lateness(turn)))
  t.equal(late.length, TIMERS)
  t.strictSame(
    late.filter(ms => ms < 0),
    [],
  )
})

t.test('a cancelled timer does not run', async t => {
  const ran: string[] = []
  const cancel = systemClock.after(5, () => ran.push('cancelled'))
  cancel()
  await new Promise<void>(resolve => {
    systemClock.after(10, () => {
      ran.push('later')
      resolve()
    })
  })
  t.strictSame(ran, ['later'])
})

t.test('a retention is over at the beginning of a day in UTC', async t => {
  t.equal(dueDay(Date.parse('2026-02-27T00:00:00Z'), 2), '2026-03-01')
  t.equal(dueDay(Date.parse('2026-02-27T23:59:59.999Z'), 2), '2026-03-01')
})
