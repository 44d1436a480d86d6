import { sql } from '../../db/database.js'

/**
 * SQL: whether the journal has a withdrawal that destroys the recording `r`. No column of a table decides it, because a
 * changed column would have a held recording destroyed.
 */
export const isWithdrawn = sql`exists (
  select from event w where w.call_id = r.call_id and w.type = 'consent.withdrawn'
    and w.data -> 'purposes' ? r.purpose and not (w.data ->> 'keep')::boolean)`
