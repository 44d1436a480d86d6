import type { Config } from '../config/config.js'
import { AppError, codeOf } from '../core/errors.js'
import type { Database } from '../db/database.js'
import { describeFailure, lacksSchema } from '../db/failure.js'
import { embeddedDir } from '../db/provide.js'
import { UsageError } from './command.js'

/**
 * Finds out why a verb failed. The error of a broken connection depends on the moment at which it broke. So this function
 * connects again: if that fails, the database is away and that error is returned.
 */
export async function realCause(error: unknown, db: Database): Promise<unknown> {
  if (error instanceof UsageError || (error instanceof AppError && !error.retryable)) return error
  if (lacksSchema(error))
    return new AppError(
      'db.migration',
      `The database does not have the tables of this version (${describeFailure(error)}). Run \`consentry migrate\` with the owner in DATABASE_ADMIN_URL.`,
      { cause: error },
    )
  return db.connect('command').then(
    connection => {
      connection.cut()
      return error
    },
    (away: unknown) => away,
  )
}

/** Adds advice to the error, if the service's own embedded database is away. */
export function withAdvice(error: unknown, { database, data }: Config): unknown {
  if (codeOf(error) !== 'db.unavailable' || database.url) return error
  const { message } = error as AppError
  return new AppError(
    'db.unavailable',
    `${message}. It is the service's own, in ${embeddedDir(data)}: see that consentry serve runs, and what postgres.log there says.`,
    { retryable: true, cause: error },
  )
}
