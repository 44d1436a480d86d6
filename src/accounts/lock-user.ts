import type { UserId } from '../core/ids.js'
import type { Db } from '../db/database.js'

/**
 * Locks the row of a user until the transaction ends. Every change of credentials takes this lock first. So a
 * concurrent reset comes before it, or sees and removes the new credentials.
 */
export const lockUser = (trx: Db, user: UserId): Promise<unknown> =>
  trx.selectFrom('user').select('id').where('id', '=', user).forNoKeyUpdate().execute()
