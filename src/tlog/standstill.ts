import { isRefusal } from '../db/failure.js'
import { AppError } from '../shared/errors.js'

/** With these a disk says that it takes nothing, or nothing from this user; a connection never fails so. */
const DISK_ERRORS = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'ENOTDIR',
  'EISDIR',
])

/** Whether the log stands still until somebody sees to it. What comes of a database that is away passes with that. */
export function needsOperator(error: unknown): boolean {
  if (error instanceof AppError) return !error.retryable
  return isRefusal(error) || DISK_ERRORS.has((error as NodeJS.ErrnoException | null)?.code ?? '')
}
