import type { Config } from '../../config/config.js'
import type { Actor } from '../../shared/actor.js'
import { AppError } from '../../shared/errors.js'

/** Whether this installation lets a line come into force only after a second person's approval. */
export const isApprovalRequired = ({ lineApproval }: Pick<Config, 'lineApproval'>): boolean =>
  lineApproval === 'required'

/**
 * Refuses to put a line into force without a draft where an approval is required, except for whoever may run the command.
 *
 * @returns what the journal says of it
 * @throws AppError `approval.required`
 */
export function approvalOfDirectChange(
  config: Pick<Config, 'lineApproval'>,
  { roles }: Actor,
): { approval?: 'bypassed' } {
  if (!isApprovalRequired(config)) return {}
  if (roles.includes('superuser')) return { approval: 'bypassed' }
  throw new AppError(
    'approval.required',
    'Here a second person must approve a line. Save it as a draft (POST /api/v1/lines/NUMBER/drafts), request the approval, and publish it once somebody else has approved it.',
  )
}
