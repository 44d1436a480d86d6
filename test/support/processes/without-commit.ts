import type { Test } from 'tap'
import type { Connection } from '../../../src/db/connection.js'

/**
 * Lets the database refuse the commit of any change of a table, as if the process ended before it.
 *
 * @param owner with the role that owns the table
 * @param error what `work` throws then
 */
export async function withoutCommit(
  t: Test,
  owner: Connection,
  table: string,
  work: () => Promise<unknown>,
  error: { message: string } | { code: string } = { message: 'cut off' },
): Promise<void> {
  await owner.query(`create or replace function cut_off() returns trigger language plpgsql as
    $$ begin raise exception 'cut off'; end $$`)
  await owner.query(`create constraint trigger cut_off after insert or update or delete on ${table}
    deferrable initially deferred for each row execute function cut_off()`)
  try {
    await t.rejects(work(), error, `${table}: the commit is refused`)
  } finally {
    await owner.query(`drop trigger cut_off on ${table}`)
  }
}
