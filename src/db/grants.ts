import { type Kysely, sql } from 'kysely'

/**
 * Everything that the service's own role may do. The journal can be added to and read, never changed; personal data
 * can be added and erased; of a line only whether it is in force.
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
  service: 'select, insert, update',
  lab: 'select',
  kysely_migration: 'select',
  kysely_migration_lock: 'select',
}

/** Gives the service's role exactly the privileges above, whatever it had before. */
export async function grantService(db: Kysely<unknown>, role: string): Promise<void> {
  for (const [table, privileges] of Object.entries(PRIVILEGES)) {
    await sql`revoke all on ${sql.id(table)} from ${sql.id(role)}`.execute(db)
    await sql`grant ${sql.raw(privileges)} on ${sql.id(table)} to ${sql.id(role)}`.execute(db)
  }
}
