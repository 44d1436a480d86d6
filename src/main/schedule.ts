import { createTask, validateDetailed } from 'node-cron'
import type { Clock } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import { waitAtMost } from '../lib/deadline.js'
import type { Log } from '../lib/log.js'

/** How long running jobs may take to end when the service stops, ms. */
const STOP_TIMEOUT_MS = 3_000

/** Work that is repeated on a schedule. */
export interface Job {
  name: string
  /** The schedule in this machine's time zone, in the format of crontab(5). */
  cron: string
  /** Name of the setting with the schedule, for error messages. */
  setting: string
  /**
   * Time from the start of the service to the first run, ms. The first run also does the work that became due while no
   * service ran.
   */
  firstRunMs: number
  /** @param stopping aborted when the service stops; the job then ends early */
  run(stopping: AbortSignal): Promise<void>
}

/** The started jobs. */
export interface Jobs {
  /** Computes the next runs again. Call it after the machine's clock was set. */
  clockSet(): void
  /**
   * Stops the schedules and the running jobs. Resolves when the jobs have ended.
   *
   * @throws Error after 3 s, if a job still runs
   */
  stop(): Promise<void>
}

/**
 * Runs each job once after the start, and then on its schedule. A job that is still running is not started again. A job that
 * fails is logged, and runs again at its next time.
 *
 * @throws AppError `config.invalid` for an invalid schedule; no job is then started
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
      // The library would write a warning to the console. The next run does the work of a missed one.
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
      if (await waitAtMost(clock, STOP_TIMEOUT_MS, Promise.all(running.values()))) return
      throw new Error(`still running: ${[...running.keys()].map(({ name }) => name).join(', ')}`)
    },
  }
}

async function runJob({ name, run }: Job, stopping: AbortSignal, log: Log): Promise<void> {
  try {
    await run(stopping)
  } catch (error) {
    // The service stops. The next service runs the job again.
    if (stopping.aborted) return
    log.error(
      { job: name, code: codeOf(error), reason: reasonOf(error) },
      'a job failed; it runs again at its next time',
    )
  }
}

/** Only our own errors give their message. A message of the database may contain rows with personal data. */
const reasonOf = (error: unknown): string =>
  error instanceof AppError ? error.message : ((error as { code?: string }).code ?? (error as Error).name)

function requireCron(cron: string, setting: string): void {
  const { valid, errors } = validateDetailed(cron)
  if (valid) return
  const faults = errors.map(({ field, message }) => `${field}: ${message}`).join('; ')
  throw new AppError(
    'config.invalid',
    `${setting}: "${cron}" is not a valid schedule (${faults}). Set it to, for example, 17 * * * *`,
  )
}
