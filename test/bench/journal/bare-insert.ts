import type { CallEvent } from '../../../src/core/events.js'
import { type Connection, connect } from '../../../src/db/connection.js'
import { encodeEvent } from '../../../src/journal/write/encode-event.js'

/** Rows of one transaction, as many as the journal writes in one. */
const BATCH_ROWS = 500

const COPIES = `create table bare_event (like event including all);
  create table bare_personal (like event_personal including all, foreign key (event) references bare_event (uuid));
  grant select, insert on bare_event, bare_personal to consentry`

const INSERT = `with given as (
    select * from jsonb_to_recordset($1::jsonb) as (uuid uuid, call_id uuid, at timestamptz, type text, data jsonb,
      personal jsonb, salt text, personal_hash text)
  ), inserted as (
    insert into bare_event (uuid, call_id, at, type, data, personal_hash)
    select uuid, call_id, at, type, data, decode(personal_hash, 'hex') from given
  ) insert into bare_personal select uuid, personal, decode(salt, 'hex') from given where personal is not null`

/** Makes copies of the journal's tables, with the same columns, checks and indexes, but without triggers. */
export async function makeCopies(adminUrl: string): Promise<void> {
  const owner = await connect(adminUrl, 'bench')
  await owner.query(COPIES)
  await owner.close()
}

/**
 * Inserts the same rows as the journal, in batches of the same size, one transaction each.
 *
 * @returns events a second
 */
export async function insertBare(connection: Connection, events: readonly CallEvent[]): Promise<number> {
  const started = performance.now()
  for (let i = 0; i < events.length; i += BATCH_ROWS) {
    const rows = events.slice(i, i + BATCH_ROWS).map(encodeEvent)
    await connection.query(INSERT, [`[${rows.join(',')}]`], 'bare insert')
  }
  return events.length / ((performance.now() - started) / 1_000)
}
