import { sql } from '../../db/database.js'

/**
 * SQL: whether the journal has a withdrawal that destroys the recording `r`. Columns of tables do not decide it,
 * because a changed column would have a held recording destroyed.
 *
 * A yes that the caller gave after a withdrawal carries a recording of its own, which that withdrawal does not concern.
 */
export const isWithdrawn = sql`exists (
  select from event w where w.call_id = r.call_id and w.type = 'consent.withdrawn'
    and w.data -> 'purposes' ? r.purpose and not (w.data ->> 'keep')::boolean
    and not exists (select from event prepared where prepared.call_id = r.call_id
      and prepared.type = 'recording.prepared' and prepared.data ->> 'recording' = r.id::text and prepared.id > w.id))`
