import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { EventType } from '../core/events.js'

type Privileges = Readonly<Record<string, string>>

/** The columns that a writer states of an event. The database itself sets `id` and `entered_at`. */
const STATED_OF_EVENT = 'uuid, call_id, at, type, data, personal_hash'

/**
 * All privileges of the service's role. It may add to and read the journal, but not change it. It may add and erase
 * personal data. It may change only `active` of a line, and only the state of a prompt. In tables with typed text, an
 * erasure masks the erased number.
 */
const SERVICE: Privileges = {
  event: `select, insert (${STATED_OF_EVENT})`,
  event_personal: 'select, insert, delete',
  log: 'select, insert',
  log_checkpoint: 'select, insert (size, last_event, root, note)',
  log_cosignature: 'select, insert',
  log_witness: 'select, insert (key)',
  // The columns of an earlier row that an event changes. No role may change the row's origin: its caller, its basis,
  // its due day.
  call: 'select, insert, update (answered_at, decision, decided_at, rescued_at, next, tapped, released_at, caller_event, ended_at, cause, phase, forgotten_at)',
  answer:
    'select, insert, update (answer, method, legal_basis, retention_days, event, answered_at, withdrawn_at)',
  recording: 'select, insert, update (state, seconds, lost_bytes, ended_at, revoked_at, act, destroyed_at)',
  part: 'select, insert, update (chunks, bytes, hash, samples, complete, ended_at)',
  line: 'select, insert, update (active)',
  line_draft: 'select, insert, update',
  line_group: 'select, insert, update (active)',
  proposal: 'select, insert, update (ended_at, refusal_event)',
  prompt_audio: 'select, insert',
  prompt_version: 'select, insert, update (state, published_by, published_at, ended_by, ended_at)',
  act: 'select, insert, update (number, closed_at, keep_until, reason, by), delete',
  act_item: 'select, insert',
  act_counter: 'select, update (last)',
  hold: 'select, insert, update (number, released_at, released_by, reason, placed_by)',
  rights_request: 'select, insert, update, delete',
  incident: 'select, insert, update (closed_at, closed_by, what, opened_by)',
  incident_item: 'select, insert',
  installation: 'select, update (placed_at, company, language, trial)',
  node: 'select, insert, update',
  node_start: 'select, insert, update',
  lab: 'select',
  token: 'select, insert, update (revoked_at, revoked_by)',
  // The command invites, resets and disables users, and records their training. It reads no credentials.
  user: 'select, insert, update (roles, disabled_at)',
  user_credential: 'select (user_id, has_passphrase, has_code), delete',
  user_passkey: 'select (user_id), delete',
  user_recovery_code: 'select (user_id), delete',
  user_invitation: 'select (user_id, expires_at), insert, delete',
  user_session: 'select (id, user_id, ends_at, ended_at), update (ended_at)',
  rules: 'select, insert',
  rules_acknowledged: 'select',
  user_training: 'select, insert, update (what)',
  kysely_migration: 'select',
  kysely_migration_lock: 'select',
}

/**
 * All privileges of the console's role. It reads calls and tokens, adds to the journal, puts lines and prompts into
 * force, and stores the credentials of users. It has no access to a table that is not named here.
 */
const CONSOLE: Privileges = {
  event: `select, insert (${STATED_OF_EVENT})`,
  event_personal: 'select, insert',
  call: 'select',
  answer: 'select',
  recording: 'select',
  part: 'select',
  hold: 'select',
  installation: 'select, update (company, language, trial)',
  line: 'select, insert, update (active)',
  line_draft: 'select, insert, update',
  line_group: 'select, insert, update (active)',
  proposal: 'select, insert, update (ended_at, refusal_event)',
  prompt_audio: 'select, insert',
  prompt_version: 'select, insert, update (state, published_by, published_at, ended_by, ended_at)',
  token: 'select',
  user: 'select, insert, update (roles, disabled_at)',
  user_credential: 'select, insert, update, delete',
  user_passkey: 'select, insert, update (counter, used_at), delete',
  passkey_challenge: 'select, insert, delete',
  user_recovery_code: 'select, insert, update (used_at), delete',
  user_invitation: 'select, insert, update (totp), delete',
  user_session: 'select, insert, update (seen_at, ended_at, proven_at), delete',
  sign_in_attempt: 'select, insert, update, delete',
  rules: 'select, insert',
  rules_acknowledged: 'select, insert',
  user_training: 'select, insert',
  kysely_migration: 'select',
}

/**
 * The types of events that the console's role may insert. No such event belongs to a call. The last one is what the
 * journal inserts, and rolls back, to see whether the database accepts events.
 */
export const CONSOLE_EVENTS: readonly EventType[] = [
  'company.changed',
  'company.trial-changed',
  'console.limited',
  'console.requested',
  'line.approval-refused',
  'line.approval-requested',
  'line.approved',
  'line.changed',
  'line.draft-discarded',
  'line.draft-saved',
  'line.group-changed',
  'line.group-proposal-refused',
  'line.group-proposal-withdrawn',
  'line.group-proposed',
  'line.schedule-cancelled',
  'line.scheduled',
  'prompt.proposal-refused',
  'prompt.proposal-withdrawn',
  'prompt.proposed',
  'prompt.published',
  'prompt.saved',
  'prompt.withdrawn',
  'rules.acknowledged',
  'rules.published',
  'session.ended',
  'training.recorded',
  'user.accepted',
  'user.disabled',
  'user.enabled',
  'user.invited',
  'user.passkey-registered',
  'user.passkey-removed',
  'user.passphrase-changed',
  'user.proved',
  'user.recovery-codes-renewed',
  'user.reset',
  'user.roles-changed',
  'user.second-factor-changed',
  'user.sign-in-refused',
  'user.signed-in',
  'alarm.cleared',
]

/** Gives the service's role exactly its privileges and revokes all others. */
export async function grantService(db: Kysely<unknown>, role: string): Promise<void> {
  await grantExactly(db, role, SERVICE)
  await allowEvents(db, role, sql`true`)
  // Only the owner of a table may rewrite it, and this function does so for the service.
  await sql`grant execute on function rewrite_personal(text) to ${sql.id(role)}`.execute(db)
}

/** Gives the console's role exactly its privileges and revokes all others. */
export async function grantConsole(db: Kysely<unknown>, role: string): Promise<void> {
  await grantExactly(db, role, CONSOLE)
  const types = sql.join(CONSOLE_EVENTS.map(type => sql.lit(type)))
  await allowEvents(db, role, sql`call_id is null and type in (${types})`)
  await sql`revoke all on function rewrite_personal(text) from ${sql.id(role)}`.execute(db)
}

/** @param which SQL of the events that the role may insert. A superuser and the owner of the table pass by it. */
async function allowEvents(db: Kysely<unknown>, role: string, which: RawBuilder<unknown>): Promise<void> {
  const policy = sql.id(`insert by ${role}`)
  await sql`drop policy if exists ${policy} on event`.execute(db)
  await sql`create policy ${policy} on event for insert to ${sql.id(role)} with check (${which})`.execute(db)
}

async function grantExactly(db: Kysely<unknown>, role: string, wanted: Privileges): Promise<void> {
  for (const table of Object.keys({ ...SERVICE, ...wanted })) {
    await sql`revoke all on ${sql.id(table)} from ${sql.id(role)}`.execute(db)
    const privileges = wanted[table]
    if (privileges) await sql`grant ${sql.raw(privileges)} on ${sql.id(table)} to ${sql.id(role)}`.execute(db)
  }
}
