import { connect } from '../../../src/db/connection.js'

/** One of so many calls was listened to. */
const LISTENED_EVERY = 10

/** How many calls, of how many callers, from when on and in how many days. `keepDays`: until a recording is due. */
export interface Filling {
  calls: number
  callers: number
  from: Date
  days: number
  keepDays: number
}

/**
 * Fills the database by SQL with complete calls, as the journal's projection would write them. The journal would take an hour.
 * Two thirds of the calls said yes and have a recording. The last caller made 500 calls.
 *
 * @param url of the database's superuser, who may skip the checks of foreign keys
 */
export async function fillCalls(
  url: string,
  { calls, callers, from, days, keepDays }: Filling,
): Promise<void> {
  const owner = await connect(url, 'bench')
  await owner.query(`set session_replication_role = replica; set synchronous_commit = off; set work_mem = '64MB';
    set maintenance_work_mem = '256MB'`)
  await owner.query(
    `create unlogged table filling as
      select n, gen_random_uuid() as call, gen_random_uuid() as started, gen_random_uuid() as yes,
        gen_random_uuid() as recording, gen_random_uuid() as part, n % 3 <> 0 as granted,
        timestamptz '${from.toISOString()}' + n * (interval '${days} days' / ${calls}) as at,
        '+7916' || lpad((case when n % (${calls} / 500) = 0 then ${callers}
          else (hashint4(n)::bigint + 2147483648) % ${callers} end)::text, 7, '0') as caller
      from generate_series(1, ${calls}) n`,
  )
  for (const statement of statements(keepDays)) await owner.query(statement)
  await owner.close()
}

const statements = (keepDays: number) => [
  `insert into event (uuid, call_id, at, type, data, personal_hash)
    select started, call, at, 'call.started', jsonb_build_object('line', '100', 'policy', 1, 'language', 'ru', 'mode', 'key',
      'channel', 'pbx-' || n, 'utcOffset', '+03:00'), decode(md5(n::text) || md5(n::text), 'hex') from filling order by n`,
  `insert into event (uuid, call_id, at, type, data)
    select yes, call, at + interval '9 s', 'consent.answered', jsonb_build_object('purpose', 'service', 'answer',
      case when granted then 'granted' else 'refused' end, 'method', 'key', 'legalBasis', 'consent', 'retentionDays', 30,
      'afterMs', 1200) from filling order by n`,
  `insert into event (uuid, call_id, at, type, data)
    select gen_random_uuid(), call, at + interval '1 day', 'recording.opened', jsonb_build_object('recording', recording,
      'by', 'anna', 'reason', 'quality', 'how', 'play') from filling where granted and n % ${LISTENED_EVERY} = 0`,
  `insert into event_personal (event, data, salt)
    select started, jsonb_build_object('caller', caller), decode(md5(n::text), 'hex') from filling`,
  `insert into call (id, line, policy, language, mode, channel, started_event, started_at, decision, ended_at, node)
    select call, '100', 1, 'ru', 'key', 'pbx-' || n, started, at, case when granted then 'granted' else 'refused' end,
      at + interval '60 s', gen_random_uuid() from filling`,
  `insert into answer (call_id, purpose, answer, method, legal_basis, retention_days, event, answered_at)
    select call, 'service', case when granted then 'granted' else 'refused' end, 'key', 'consent', 30, yes,
      at + interval '9 s' from filling`,
  `insert into recording (id, call_id, purpose, basis, due, tap, state, seconds, prepared_at, ended_at, node)
    select recording, call, 'service', yes, (at + interval '${keepDays} days')::date, 't', 'finished', 60,
      at + interval '10 s', at + interval '60 s', gen_random_uuid() from filling where granted`,
  `insert into part (id, recording_id, number, object, started_at, samples, location, chunks, bytes, hash)
    select part, recording, 1, 'service/' || part || '.ctry', at, 480000, 'disk', 0, 0, '' from filling where granted`,
  // Holds as an operator places them: of some numbers, of some calls, and of one month, which covers many calls.
  `insert into hold (id, kind, number, reason, placed_by)
    select gen_random_uuid(), 'hold', caller, 'a claim', 'bench' from filling where n % 10000 = 1`,
  `insert into hold (id, kind, call_id, reason, placed_by)
    select gen_random_uuid(), 'hold', call, 'a claim', 'bench' from filling where n % 10000 = 2`,
  `insert into hold (id, kind, from_at, to_at, reason, placed_by)
    values (gen_random_uuid(), 'hold', '2026-03-01Z', '2026-04-01Z', 'an inspection', 'bench')`,
  'drop table filling',
  'vacuum analyze',
]
