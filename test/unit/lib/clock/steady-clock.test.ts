// Real: the anchor's file and the machine's boot id. Fake: the machine's clock.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import t from 'tap'
import { DAY_MS } from '../../../../src/core/clock.js'
import { anchorPath, ClockAnchor } from '../../../../src/lib/clock/clock-anchor.js'
import { clockOffMs, SteadyClock } from '../../../../src/lib/clock/steady-clock.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

function setUp(data: string, machine = new FakeClock()) {
  const reports: unknown[] = []
  const anchor = new ClockAnchor(data, machine.elapsed())
  const clock = new SteadyClock(machine, anchor, {
    jumped: byMs => reports.push(['jumped', byMs]),
    settled: (byMs, how) => reports.push([how, byMs]),
  })
  return { machine, clock, reports, anchor }
}

for (const [name, by] of [
  ['forwards', DAY_MS],
  ['back', -DAY_MS],
] as const) {
  t.test(`a jump of a day ${name} does not change the time, and is reported once`, async t => {
    const { machine, clock, reports, anchor } = setUp(t.testdir({}))
    const before = clock.now()
    machine.moveWallClock(by)
    t.equal(clock.now(), before)
    machine.advance(5_000)
    t.equal(clock.now(), before + 5_000)
    t.notOk(clock.trusted)
    t.equal(clock.offMs, by)
    t.equal(clock.stamp(machine.now() - 40), before + 4_960, 'a time that others read now is corrected')
    t.equal(
      clock.stamp(before + 4_000),
      before + 4_000,
      'a time that they read before the jump is not corrected',
    )
    t.strictSame(reports, [['jumped', by]])
    machine.moveWallClock(-by)
    t.equal(clock.now(), before + 5_000)
    t.ok(clock.trusted)
    t.equal(
      clock.stamp(before + by + 4_900),
      before + 4_900,
      'a time that they read during the jump is corrected after it',
    )
    t.strictSame(reports, [
      ['jumped', by],
      ['back', by],
    ])
    await anchor.idle()
  })
}

t.test('small corrections forwards are followed', async t => {
  const { machine, clock, reports, anchor } = setUp(t.testdir({}))
  for (const by of [40, 60_000]) {
    machine.moveWallClock(by)
    t.equal(clock.now(), machine.now())
  }
  t.ok(clock.trusted)
  t.strictSame(reports, [])
  await anchor.idle()
})

t.test('a small correction back is followed slowly, so that the time never goes back', async t => {
  const { machine, clock, reports, anchor } = setUp(t.testdir({}))
  const before = clock.now()
  machine.moveWallClock(-60_000)
  t.equal(clock.now(), before)
  t.equal(clock.stamp(machine.now() - 40), before - 40, 'a time that others read now is corrected')
  machine.advance(100_000)
  t.equal(clock.now(), before + 90_000, 'nine tenths of the time that passes')
  t.equal(clock.stamp(machine.now() - 40), clock.now() - 40)
  machine.advance(500_000)
  t.equal(clock.now(), machine.now(), 'after ten minutes the machine has the same time')
  t.ok(clock.trusted)
  t.strictSame(reports, [])
  await anchor.idle()
})

t.test('the operator accepts a jump by removing the anchor', async t => {
  const data = t.testdir({})
  const { machine, clock, reports, anchor } = setUp(data)
  // The service calls this each second.
  const eachSecond = async () => {
    clock.acceptIfConfirmed()
    clock.now()
    await anchor.idle()
  }
  machine.moveWallClock(DAY_MS)
  await eachSecond()
  t.notOk(clock.trusted)
  rmSync(anchorPath(data))
  await eachSecond()
  await eachSecond()
  t.ok(clock.trusted)
  t.equal(clock.now(), machine.now())
  t.strictSame(reports, [
    ['jumped', DAY_MS],
    ['accepted', DAY_MS],
  ])
  t.ok(existsSync(anchorPath(data)), 'an anchor for the new time is written')
  machine.moveWallClock(400 * DAY_MS)
  t.notOk(clock.trusted)
  await eachSecond()
  await eachSecond()
  t.notOk(clock.trusted, 'the next jump waits for the operator as well')
})

t.test('the next service and a command detect a jump', async t => {
  const data = t.testdir({})
  const first = setUp(data)
  await first.anchor.idle()
  first.machine.moveWallClock(DAY_MS)
  const right = first.clock.now()
  const { clock, machine, reports, anchor } = setUp(data, new FakeClock(first.machine.now()))
  await anchor.idle()
  t.ok(Math.abs(clock.now() - right) < 5_000, 'time goes on where it was')
  t.notOk(clock.trusted)
  matchEach(t, reports, [['jumped', Number]])
  const command = () => clockOffMs(machine, new ClockAnchor(data, machine.elapsed()))
  t.ok(Math.abs(command() - DAY_MS) < 5_000, 'the command finds the clock a day off')
  rmSync(anchorPath(data))
  t.equal(command(), 0)
})

t.test('the clock of a machine that was restarted is trusted', async t => {
  const data = t.testdir({})
  await setUp(data).anchor.idle()
  const anchor = JSON.parse(readFileSync(anchorPath(data), 'utf8'))
  writeFileSync(anchorPath(data), JSON.stringify({ ...anchor, boot: 'another' }))
  const { clock, machine, anchor: next } = setUp(data, new FakeClock(Date.UTC(2027, 0, 1)))
  await next.idle()
  t.ok(clock.trusted)
  t.equal(clock.now(), machine.now())
})

t.test('a hung data folder delays only the anchor', async t => {
  const data = t.testdir({ run: {} })
  const draft = `${anchorPath(data)}.new`
  // Opening a pipe without a reader for writing blocks.
  execFileSync('mkfifo', [draft])
  const { machine, clock, anchor } = setUp(data)
  machine.moveWallClock(2_000)
  t.equal(clock.now(), machine.now(), 'the clock still answers')
  clock.acceptIfConfirmed()
  const release = await open(draft, 'r')
  await anchor.idle()
  await release.close()
})
