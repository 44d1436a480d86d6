import { sql } from '../../db/database.js'

/** Whether a row of `answer`, joined with its row of `event`, was given for a recording of another call. */
export const givenElsewhere = sql<boolean>`(event.data ? 'inConversation' and coalesce((
  select request.data ->> 'recorded' is not null from event request
  where request.call_id = answer.call_id and request.type = 'consent.requested' and request.id < event.id
  order by request.id desc limit 1), false))`
