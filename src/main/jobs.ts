/*
 * Jobs are the work that the service does by itself on a schedule: the purge, the audit and probe calls. This file starts them.
 * `schedule` runs any job.
 */

import type { Config } from '../config/config.js'
import { dayOf } from '../core/clock.js'
import { codeOf } from '../core/errors.js'
import { auditStore, type StoreAuditDeps } from '../recordings/audit/audit-store.js'
import { rewritePersonalTables } from '../recordings/retain/rewrite-personal-tables.js'
import { type PurgeDeps, runPurge } from '../recordings/retain/run-purge.js'
import { type Job, type Jobs, startJobs } from './schedule.js'

/** Time from the start of the service to its first purge, ms. The service recovers calls first. */
const PURGE_DELAY_MS = 10_000
/**
 * Time from the start of the service to its first audit, ms. An audit reads every container, so a service that is restarted
 * several times in a row should not begin one each time.
 */
const AUDIT_DELAY_MS = 300_000

/** The actor of the purge in acts of destruction: the service. */
const SERVICE_NAME = 'consentry'

/**
 * Starts the scheduled jobs of the service: the purge, the audit, and others.
 *
 * @throws AppError `config.invalid` for an invalid schedule
 */
export function startServiceJobs(
  deps: PurgeDeps & StoreAuditDeps,
  { retention, audit }: Config['schedules'],
  others: readonly Job[] = [],
): Jobs {
  const { clock, log } = deps
  /** The day on which the tables with personal data were last rewritten, `YYYY-MM-DD`. */
  let rewrittenOn: string | undefined
  const purge: Job = {
    name: 'purge',
    cron: retention,
    setting: 'CONSENTRY_RETENTION_CRON',
    firstRunMs: PURGE_DELAY_MS,
    async run(stopping) {
      const report = await runPurge(deps, { at: clock.now(), by: SERVICE_NAME, stopping }).catch(
        (error: unknown) => {
          if (codeOf(error) !== 'clock.doubtful') throw error
          return { doubt: (error as Error).message }
        },
      )
      if (report && 'doubt' in report)
        return log.error(report, 'nothing is purged, because the current day is not certain: see doubt')
      if (!report)
        return log.info('another purge or a key rotation is running; the next scheduled purge tries again')
      const { due, destroyed, held, failed, missing, forgotten, number } = report
      if (due > 0 || forgotten > 0)
        log.info({ due, destroyed, held, failed, missing, forgotten, act: number }, 'purged')
      // Runs once a day, because callers' answers wait meanwhile.
      const today = dayOf(clock.now())
      if (today !== rewrittenOn && !stopping.aborted && (await rewritePersonalTables(deps)) !== 'busy')
        rewrittenOn = today
    },
  }
  const check: Job = {
    name: 'audit',
    cron: audit,
    setting: 'CONSENTRY_AUDIT_CRON',
    firstRunMs: AUDIT_DELAY_MS,
    async run(stopping) {
      const { ok, checked, faults, uncovered } = await auditStore(deps, undefined, stopping)
      if (ok) log.info({ ...checked, uncovered: uncovered.length }, 'audited')
      else log.error({ ...checked, faults: faults.length }, 'the audit found faults: run consentry audit')
    },
  }
  return startJobs([purge, check, ...others], { clock, log })
}
