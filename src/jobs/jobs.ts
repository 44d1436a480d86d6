import { auditStore, type StoreAuditDeps } from '../audit/audit-store.js'
import type { Config } from '../config/config.js'
import { type PurgeDeps, runPurge } from '../retention/run-purge.js'
import { codeOf } from '../shared/errors.js'
import { type Job, type Jobs, startJobs } from './schedule.js'

/** Soon after the start, ms: when calls are taken again, and not while they are being taken up. */
const PURGE_DELAY_MS = 10_000
/** An audit reads every container: a service that is started several times in a row does not do so each time. */
const AUDIT_DELAY_MS = 300_000

/** Who the acts say did it. */
const SERVICE_NAME = 'consentry'

/**
 * Starts what the service does by itself: the purge, and the audit of what is kept.
 *
 * @throws AppError `config.invalid` for a schedule that is none
 */
export function startServiceJobs(
  deps: PurgeDeps & StoreAuditDeps,
  { retention, audit }: Config['schedules'],
): Jobs {
  const { clock, log } = deps
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
        return log.error(report, 'nothing is purged: it is not certain what day it is')
      if (!report) return log.info('another purge or a key rotation is running; the next turn purges')
      const { due, destroyed, held, failed, missing, forgotten, number } = report
      if (due > 0 || forgotten > 0)
        log.info({ due, destroyed, held, failed, missing, forgotten, act: number }, 'purged')
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
  return startJobs([purge, check], { clock, log })
}
