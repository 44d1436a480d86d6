import { type Kysely, sql } from 'kysely'

type Privileges = Readonly<Record<string, string>>

/**
 * All privileges of the service's role. It may add to and read the journal, but not change it. It may add and erase personal
 * data. Of a line it may change only `active`, of a
 * prompt only its state.
 */
const SERVICE: Privileges = {
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
  prompt_audio: 'select, insert',
  prompt_version: 'select, insert, update (state, published_by, published_at, ended_by, ended_at)',
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
  token: 'select, insert, update (revoked_at, revoked_by)',
  kysely_migration: 'select',
  kysely_migration_lock: 'select',
}

/**
 * All privileges of the console's role. It reads calls and tokens, adds to the journal, and puts lines and prompts into force. A table of the
 * service that is not named here is closed to it.
 */
const CONSOLE: Privileges = {
  event: 'select, insert',
  event_personal: 'select, insert',
  call: 'select',
  answer: 'select',
  recording: 'select',
  part: 'select',
  hold: 'select',
  installation: 'select',
  line: 'select, insert, update (active)',
  prompt_audio: 'select, insert',
  prompt_version: 'select, insert, update (state, published_by, published_at, ended_by, ended_at)',
  token: 'select',
  kysely_migration: 'select',
}

/** Gives the service's role exactly its privileges and revokes all others. */
export const grantService = (db: Kysely<unknown>, role: string): Promise<void> =>
  grantExactly(db, role, SERVICE)

/** Gives the console's role exactly its privileges and revokes all others. */
export const grantConsole = (db: Kysely<unknown>, role: string): Promise<void> =>
  grantExactly(db, role, CONSOLE)

async function grantExactly(db: Kysely<unknown>, role: string, wanted: Privileges): Promise<void> {
  for (const table of Object.keys({ ...SERVICE, ...wanted })) {
    await sql`revoke all on ${sql.id(table)} from ${sql.id(role)}`.execute(db)
    const privileges = wanted[table]
    if (privileges) await sql`grant ${sql.raw(privileges)} on ${sql.id(table)} to ${sql.id(role)}`.execute(db)
  }
}
