import { type Kysely, sql } from 'kysely'

/**
 * All privileges of the service's role. It may add to and read the journal, but not change it. It may add and erase personal
 * data. Of a line it may change only `active`.
 */
const PRIVILEGES: Record<string, string> = {
  event: 'select, insert',
  event_personal: 'select, insert, delete',
  log: 'select, insert',
  log_checkpoint: 'select, insert',
  log_cosignature: 'select, insert',
  call: 'select, insert, update',
  answer: 'select, insert, update',
  recording: 'select, insert, update',
  part: 'select, insert, update',
  line: 'select, insert, update (active)',
  act: 'select, insert, update, delete',
  act_item: 'select, insert',
  act_counter: 'select, update',
  hold: 'select, insert, update',
  rights_request: 'select, insert, update, delete',
  incident: 'select, insert, update',
  incident_item: 'select, insert',
  installation: 'select, update (placed_at)',
  node: 'select, insert, update',
  node_start: 'select, insert, update',
  // A view of `node`, for services of older versions that still run after a migration.
  service: 'select',
  lab: 'select',
  kysely_migration: 'select',
  kysely_migration_lock: 'select',
}

/** Gives the service's role exactly these privileges and revokes all others. */
export async function grantService(db: Kysely<unknown>, role: string): Promise<void> {
  for (const [table, privileges] of Object.entries(PRIVILEGES)) {
    await sql`revoke all on ${sql.id(table)} from ${sql.id(role)}`.execute(db)
    await sql`grant ${sql.raw(privileges)} on ${sql.id(table)} to ${sql.id(role)}`.execute(db)
  }
}
