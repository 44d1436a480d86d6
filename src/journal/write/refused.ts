import { AppError } from '../../core/errors.js'
import type { EventType } from '../../core/events.js'
import { isRefusal, lacksSchema } from '../../db/failure.js'

/**
 * Whether the database refused events for good. If our tables are missing or not accessible, the fault is not in the
 * events: they can be written once the database is repaired.
 */
export const isRefused = (error: unknown): boolean => isRefusal(error) && !lacksSchema(error)

/** The error of events that were refused. @param reason from `describeFailure` */
export const refused = (types: readonly EventType[], reason: string): AppError =>
  new AppError('journal.refused', `The journal refused ${types.join(', ')}: ${reason}`)
