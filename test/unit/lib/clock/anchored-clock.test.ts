// Real: the anchor's file. Fake: the clock of the machine.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { DAY_MS } from '../../../../src/core/clock.js'
import { AnchoredClock } from '../../../../src/lib/clock/anchored-clock.js'
import { anchorPath, ClockAnchor } from '../../../../src/lib/clock/clock-anchor.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

/** The clock of a process beside a service, whose anchor is there. */
async function besideService(data: string) {
  const machine = new FakeClock()
  const anchor = new ClockAnchor(data, machine.elapsed())
  await mkdir(join(data, 'run'), { recursive: true })
  anchor.write(machine.now() - machine.elapsed())
  await anchor.idle()
  const clock = new AnchoredClock(machine, anchor)
  t.teardown(() => clock.stop())
  return { machine, clock }
}

t.test('a jump of the machine’s clock is left out until the operator accepts it', async t => {
  const data = t.testdir()
  const { machine, clock } = await besideService(data)
  const before = machine.now()
  machine.moveWallClock(30 * DAY_MS)
  t.equal(clock.now(), before)
  machine.moveWallClock(2_000)
  machine.advance(500)
  t.equal(clock.now(), before + 500, 'while the clock is off, time goes on by the monotonic clock')
  await rm(anchorPath(data))
  machine.advance(1_000)
  while (clock.now() < before + DAY_MS) await new Promise(resolve => setImmediate(resolve))
  t.equal(clock.now(), machine.now())
})

t.test('a small correction is followed, and a clock without a service is the machine’s', async t => {
  const { machine, clock } = await besideService(t.testdir())
  machine.moveWallClock(2_000)
  t.equal(clock.now(), machine.now())
  const alone = new AnchoredClock(machine, new ClockAnchor(t.testdir({ other: {} }), machine.elapsed()))
  t.teardown(() => alone.stop())
  machine.moveWallClock(30 * DAY_MS)
  t.equal(alone.now(), machine.now())
})
