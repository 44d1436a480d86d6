import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { PostgresAdapter, PostgresDialect } from 'kysely'
import type pg from 'pg'

/**
 * Longest wait between two checks for other migrating sessions, ms. It is random, so that two sessions that saw each
 * other do not collide again.
 */
const RETRY_MS = 250

/** The name of a session that migrates, and that of a waiting session. */
const NAMES = { migrates: 'consentry migrates', waits: 'consentry migration lock' }

/** Whether another session of this role, or of a superuser, migrates. */
const OTHERS = `select exists (
  select from pg_stat_activity s
  where s.pid <> pg_backend_pid() and s.datname = current_database() and pg_has_role(s.usesysid, current_user, 'usage')
    and s.application_name = '${NAMES.migrates}') as others`

/**
 * Waits until no other session migrates, and has the turn until the connection ends. The tables that only the owner may
 * lock may not exist yet, and every role that may connect could take an advisory lock. So a session shows its turn by
 * its name, as `acquireSessionLock` does. It takes the name first and checks for others then. Two sessions that see
 * each other both release the turn for a moment.
 *
 * @throws the database's error
 */
export async function takeMigrationTurn(client: pg.Client): Promise<void> {
  for (;;) {
    await rename(client, NAMES.migrates)
    const { rows } = await client.query<{ others: boolean }>(OTHERS)
    if (!rows[0]!.others) return
    await rename(client, NAMES.waits)
    await pause(randomInt(RETRY_MS))
  }
}

const rename = (client: pg.Client, name: string) =>
  client.query(`select set_config('application_name', $1, false)`, [name])

/** Kysely's dialect without its own lock for migrations, which is an advisory lock. `takeMigrationTurn` replaces it. */
export class UnlockedDialect extends PostgresDialect {
  override createAdapter(): PostgresAdapter {
    return new UnlockedAdapter()
  }
}

class UnlockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}
