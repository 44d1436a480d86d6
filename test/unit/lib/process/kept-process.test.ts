// Real: child processes. Fake: the clock.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createLog } from '../../../../src/lib/log.js'
import { KeptProcess } from '../../../../src/lib/process/kept-process.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { until } from '../../../support/processes/database.js'

/** Keeps a script of Node running, on a fake clock. */
function keep(t: Test, script: string) {
  const clock = new FakeClock()
  const kept = new KeptProcess({
    ...{ name: 'child', command: [process.execPath, '-e', script], env: {} },
    ...{ niceness: 5, clock, log: createLog('silent') },
  })
  t.teardown(() => kept.stop())
  return { clock, kept }
}

const isGone = (pid: number): boolean => {
  try {
    return !process.kill(pid, 0)
  } catch {
    return true
  }
}

t.test('a process that ends is started again, each time later', async t => {
  const { clock, kept } = keep(t, 'process.exit(3)')
  for (const waitMs of [1_000, 2_000, 5_000, 15_000, 60_000, 60_000]) {
    await until(() => kept.pid === undefined)
    clock.advance(waitMs - 1)
    t.equal(kept.pid, undefined, `not before ${waitMs} ms`)
    clock.advance(1)
    t.ok(kept.pid, `after ${waitMs} ms`)
  }
})

t.test('after a long life it is started again soon', async t => {
  const { clock, kept } = keep(t, 'setInterval(() => {}, 1000)')
  for (let i = 0; i < 3; i += 1) {
    clock.advance(60_001)
    process.kill(kept.pid!, 'SIGKILL')
    await until(() => kept.pid === undefined)
    clock.advance(1_000)
    t.ok(kept.pid)
  }
})

t.test('a stopped process ends, and is not started again', async t => {
  const { clock, kept } = keep(t, 'setInterval(() => {}, 1000)')
  const pid = kept.pid!
  await kept.stop()
  t.ok(isGone(pid))
  clock.advance(120_000)
  t.equal(kept.pid, undefined)
})

t.test('a process that ignores SIGTERM is killed', async t => {
  const up = join(t.testdir(), 'up')
  const ignoring = `process.on('SIGTERM', () => {}); require('fs').writeFileSync(${JSON.stringify(up)}, '')`
  const { clock, kept } = keep(t, `${ignoring}; setInterval(() => {}, 1000)`)
  const pid = kept.pid!
  await until(() => existsSync(up))
  const stopping = kept.stop()
  clock.advance(3_001)
  await stopping
  await until(() => isGone(pid))
})

t.test('a program that does not exist is tried again', async t => {
  const clock = new FakeClock()
  const kept = new KeptProcess({
    ...{ name: 'child', command: ['/nowhere/program'], env: {}, niceness: 5, clock },
    log: createLog('silent'),
  })
  t.teardown(() => kept.stop())
  await until(() => clock.timers === 1)
  t.equal(kept.pid, undefined)
})
