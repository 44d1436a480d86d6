import { type DepsWith, identitiesIn } from '../../accounts/deps.js'
import { type AuditReport, auditStore } from './audit-store.js'

export type { AuditReport } from './audit-store.js'
export type { Uncovered } from './faults.js'

/**
 * Audits everything that is stored. If secret keys are set, it also decrypts.
 *
 * @param progress called with the number of recordings checked, and of all
 * @throws AppError `store.*`, `db.*`, `journal.*`
 */
export function audit(
  {
    config,
    ...deps
  }: DepsWith<'db' | 'journal' | 'clock' | 'store' | 'keyStore', 'identities' | 'recipients'>,
  progress?: (done: number, of: number) => void,
): Promise<AuditReport> {
  const identities = identitiesIn(config)
  const tools = { ...deps, recipients: config.recipients, ...(identities && { identities }) }
  return auditStore(tools, progress)
}
