import { createTask, validateDetailed } from 'node-cron'
import { atMost } from '../shared/at-most.js'
import type { Clock } from '../shared/clock.js'
import { AppError, codeOf } from '../shared/errors.js'
import type { Log } from '../shared/log.js'

/** How long jobs that run have to come to an end when the service stops, ms. */
const STOP_TIMEOUT_MS = 5_000

/** Something that is done again and again. */
export interface Job {
  name: string
  /** When, in this machine's time, as crontab(5) has it. */
  cron: string
  /** Name of the setting that gives it, for the message. */
  setting: string
  /** How long after the start it is done the first time, ms: what came due while nobody ran is not put off. */
  firstRunMs: number
  /** @param stopping aborted when it should come to an end, wherever it is */
  run(stopping: AbortSignal): Promise<void>
}

/** Jobs at work. */
export interface Jobs {
  /** The machine's clock was set: what is reckoned from it is reckoned anew. */
  clockSet(): void
  /** Resolves once what runs has ended, or has had its time to. */
  stop(): Promise<void>
}

/**
 * Does each job soon, and then on its schedule, never beside itself. A job that fails is logged, and done again the next time.
 *
 * @throws AppError `config.invalid` for a schedule that is none; then nothing is started
 */
export function startJobs(jobs: readonly Job[], { clock, log }: { clock: Clock; log: Log }): Jobs {
  for (const { cron, setting } of jobs) requireCron(cron, setting)
  const stopping = new AbortController()
  const running = new Map<Job, Promise<void>>()
  const start = (job: Job): void => {
    if (stopping.signal.aborted || running.has(job)) return
    running.set(
      job,
      runJob(job, stopping.signal, log).finally(() => running.delete(job)),
    )
  }
  const schedule = () =>
    jobs.map(job => {
      // It would write to the console; a missed turn is made up for by the next one.
      const task = createTask(job.cron, () => start(job), { name: job.name, suppressMissedWarning: true })
      void task.start()
      return task
    })
  let tasks = schedule()
  const firstRuns = jobs.map(job => clock.after(job.firstRunMs, () => start(job)))
  return {
    clockSet() {
      for (const task of tasks) void task.destroy()
      tasks = schedule()
    },
    async stop() {
      for (const cancel of firstRuns) cancel()
      for (const task of tasks) void task.destroy()
      stopping.abort()
      await atMost(clock, STOP_TIMEOUT_MS, Promise.all(running.values()))
    },
  }
}

async function runJob({ name, run }: Job, stopping: AbortSignal, log: Log): Promise<void> {
  try {
    await run(stopping)
  } catch (error) {
    // Cut short by the end of the service, it goes on with the next one.
    if (stopping.aborted) return
    log.error({ job: name, code: codeOf(error), reason: reasonOf(error) }, 'a job failed; it is done again')
  }
}

/** Never the message of what others threw: the database quotes rows in it. */
const reasonOf = (error: unknown): string =>
  error instanceof AppError ? error.message : ((error as { code?: string }).code ?? (error as Error).name)

function requireCron(cron: string, setting: string): void {
  const { valid, errors } = validateDetailed(cron)
  if (valid) return
  const faults = errors.map(({ field, message }) => `${field}: ${message}`).join('; ')
  throw new AppError(
    'config.invalid',
    `${setting}: "${cron}" is no schedule (${faults}); give for example 17 * * * *`,
  )
}
