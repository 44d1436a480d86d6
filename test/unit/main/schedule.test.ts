// Real: node-cron and timers. Fake: the jobs; of one test the clock.
import t from 'tap'
import { systemClock } from '../../../src/core/clock.js'
import { createLog } from '../../../src/lib/log.js'
import { type Job, startJobs } from '../../../src/main/schedule.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { until } from '../../support/processes/database.js'

const deps = { clock: systemClock, log: createLog('silent') }
const EVERY_SECOND = '* * * * * *'
const RARELY = '0 0 29 2 *'

const job = (run: Job['run'], changes: Partial<Job> = {}): Job => ({
  name: 'test',
  cron: RARELY,
  setting: 'CONSENTRY_TEST_CRON',
  firstRunMs: 0,
  run,
  ...changes,
})

t.test('a job runs once soon after the start', async t => {
  let runs = 0
  const jobs = startJobs([job(async () => void runs++)], deps)
  await until(() => runs > 0)
  await jobs.stop()
  t.equal(runs, 1)
})

t.test('a job runs on its schedule, also after it failed', async t => {
  let runs = 0
  const failing = async () => {
    runs++
    throw new Error('no luck')
  }
  const jobs = startJobs([job(failing, { cron: EVERY_SECOND, firstRunMs: 3_600_000 })], deps)
  await t.resolves(until(() => runs >= 2))
  await jobs.stop()
})

t.test('a running job is not started again, and stopping waits for it', async t => {
  let [runs, ended] = [0, false]
  const long = async (stopping: AbortSignal) => {
    runs++
    await new Promise(resolve => stopping.addEventListener('abort', resolve))
    ended = true
  }
  let runsOfOther = 0
  const jobs = startJobs(
    [job(long, { cron: EVERY_SECOND }), job(async () => void runsOfOther++, { cron: EVERY_SECOND })],
    deps,
  )
  await until(() => runsOfOther >= 3)
  await jobs.stop()
  t.equal(runs, 1)
  t.ok(ended)
})

t.test('stopping gives up a job that does not end, and names it', async t => {
  const clock = new FakeClock()
  const jobs = startJobs([job(() => new Promise(() => {}), { name: 'purge' })], { ...deps, clock })
  clock.advance(0)
  const stopped = t.rejects(jobs.stop(), { message: 'still running: purge' })
  clock.advance(3_000)
  await stopped
})

t.test('an invalid schedule is refused with the name of its setting', async t => {
  for (const cron of ['61 * * * *', 'x y z a b', '* * *'])
    t.throws(() => startJobs([job(async () => {}, { cron })], deps), {
      code: 'config.invalid',
      message: /^CONSENTRY_TEST_CRON: /,
    })
})
