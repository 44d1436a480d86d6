import { connect } from '../../../src/db/connection.js'

/** Fills the journal with made-up events by SQL. An eighth has personal data. The journal itself would take minutes. */
export async function fillEvents(adminUrl: string, events: number): Promise<void> {
  const owner = await connect(adminUrl, 'bench')
  await owner.query(
    `with entered as (
       insert into event (uuid, call_id, at, type, data, personal_hash)
       select gen_random_uuid(), gen_random_uuid(), timestamptz '2026-01-31 09:30:00.007Z' + n * interval '13 ms',
         case when n % 8 = 0 then 'call.started' else 'prompt.ended' end,
         case when n % 8 = 0
           then jsonb_build_object('line', '100', 'policy', 1, 'language', 'ru', 'mode', 'key', 'channel', 'pbx-' || n,
             'utcOffset', '+03:00')
           else jsonb_build_object('role', 'disclosure', 'prompt', 'disclosure-key', 'text',
             'This call may be recorded for service quality. Press 1 to agree, 2 to refuse.', 'sha256',
             md5(n::text) || md5(n::text), 'end', 'complete', 'heardMs', n % 9000, 'lengthMs', 9000)
         end,
         case when n % 8 = 0
           then sha256(decode(md5(n::text), 'hex') || convert_to('{"caller":"+7900' || n || '"}', 'UTF8'))
         end
       from generate_series(1, $1::int) n order by n
       returning id, uuid, data, personal_hash
     )
     insert into event_personal (event, data, salt)
     select uuid, jsonb_build_object('caller', '+7900' || substr(data ->> 'channel', 5)),
       decode(md5(substr(data ->> 'channel', 5)), 'hex')
     from entered where personal_hash is not null`,
    [events],
  )
  await owner.query('vacuum analyze event')
  await owner.query('vacuum analyze event_personal')
  await owner.close()
}
