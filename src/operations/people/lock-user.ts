import type { Db } from '../../db/database.js'
import type { UserId } from '../../shared/ids.js'

/**
 * Locks the row of a user until the transaction ends. Whatever sets what lets the user in takes it first, so that a reset at the same time
 * sees it and takes it away, or comes before it.
 */
export const lockUser = (trx: Db, user: UserId): Promise<unknown> =>
  trx.selectFrom('user').select('id').where('id', '=', user).forNoKeyUpdate().execute()
