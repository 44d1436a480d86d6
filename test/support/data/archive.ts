import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { systemClock } from '../../../src/core/clock.js'
import type { CallId, PartId, RecordingId } from '../../../src/core/ids.js'
import { DISK } from '../../../src/core/part-location.js'
import { type Connection, connect } from '../../../src/db/connection.js'
import type { Database } from '../../../src/db/database.js'
import { expectedMarking, noteMarked } from '../../../src/db/installation.js'
import { type Journal, startJournal } from '../../../src/journal/journal.js'
import type { Marking } from '../../../src/lib/files/marking.js'
import type { ErasureDayDeps } from '../../../src/recordings/retain/day-check.js'
import type { PurgeDeps } from '../../../src/recordings/retain/run-purge.js'
import { openKeyStore } from '../../../src/vault/keys/key-store.js'
import { type ObjectStore, openStore } from '../../../src/vault/store/store.js'
import { silent } from '../processes/database.js'
import { SERVICE } from './call-events.js'

/** Size of a key file for two recipients, and of a container, bytes. Destruction never reads a container. */
const KEY_BYTES = 218
const CONTAINER_BYTES = 2_048

/** One recording of an archive. */
export interface ArchivedRecording {
  recording: RecordingId
  call: CallId
  caller: string
  part: PartId
  object: string
  /** `YYYY-MM-DD`. */
  due: string
}

/** Recordings on disk and in the database, with everything that is needed to destroy them. */
export interface Archive {
  deps: PurgeDeps & ErasureDayDeps & { journal: Journal; store: ObjectStore }
  /** Mirrors of the key store. */
  keys: string[]
  store: string
}

/**
 * Opens an archive in a folder: a key store with two mirrors, a disk store and a journal. The caller stops the journal.
 *
 * @param url of the service's role
 */
export async function openArchive(
  dir: string,
  db: Database,
  url: string,
  { mirrors = 2 } = {},
): Promise<Archive> {
  const keys = ['keys', 'mirror'].slice(0, mirrors).map(name => join(dir, name))
  const store = join(dir, 'store')
  // Tests open several archives, one after another, on the same database.
  const marking = { ...(await expectedMarking(db, 'service')), ifMissing: 'make' } as Marking
  const deps = {
    db,
    journal: startJournal(url, silent),
    keyStore: await openKeyStore(keys.map(path => `file:${path}`).join(','), marking),
    store: await openStore(`file:${store}`, marking),
    clock: systemClock,
    log: silent,
    // Fake: tests move the clock, so nothing compares it with the database's day.
    personalDays: 30,
    day: { check: async () => undefined, dateDoubt: async () => undefined },
  }
  await noteMarked(db)
  return { deps, keys, store }
}

/** Whether a recording's key file exists on any mirror. */
export const hasKey = ({ keys }: Archive, { part, due }: ArchivedRecording): boolean =>
  keys.some(folder => existsSync(join(folder, 'service', due, part)))

/** Whether a recording's container is in the store. */
export const hasContainer = ({ store }: Archive, { object }: ArchivedRecording): boolean =>
  existsSync(join(store, object))

/** Whether a key file or the container of a recording exists. */
export const isOnDisk = (archive: Archive, recording: ArchivedRecording): boolean =>
  hasKey(archive, recording) || hasContainer(archive, recording)

/** The recordings that {@link fillArchive} makes. */
export interface FillOptions {
  count: number
  /** SQL for the due day of each recording. Its number from 1 is `n`. */
  due?: string
  state?: string
  preparedAt?: string
  /** Whether to write key files and containers; true by default. */
  files?: boolean
}

/**
 * Fills an archive by SQL with the rows that the journal's projection would write: calls with a yes, and one part each. A
 * hundred thousand calls would take the journal minutes. Then it confirms the clock, as daily purges would have done.
 *
 * @param adminUrl of the owner
 */
export async function fillArchive(
  { keys, store }: Pick<Archive, 'keys' | 'store'>,
  adminUrl: string,
  {
    count,
    due = `date '2026-03-02'`,
    state = 'finished',
    preparedAt = `timestamptz '2026-01-31 09:30:09Z'`,
    files = true,
  }: FillOptions,
): Promise<ArchivedRecording[]> {
  const owner = await connect(adminUrl, 'fill')
  const rows = await insertRows(owner, count, due, state, preparedAt)
  await owner.close()
  if (!files) return rows
  const made = new Set<string>()
  const write = (path: string, bytes: Buffer) => {
    const folder = dirname(path)
    if (!made.has(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
    made.add(folder)
    writeFileSync(path, bytes, { mode: 0o600 })
  }
  for (const { part, due, object } of rows) {
    const key = randomBytes(KEY_BYTES)
    for (const folder of keys) write(join(folder, 'service', due, part), key)
    write(join(store, object), randomBytes(CONTAINER_BYTES))
  }
  return rows
}

async function insertRows(
  owner: Connection,
  count: number,
  due: string,
  state: string,
  preparedAt: string,
): Promise<ArchivedRecording[]> {
  await owner.query(
    `create temp table filling as
      select n, gen_random_uuid() as call, gen_random_uuid() as started, gen_random_uuid() as yes,
        gen_random_uuid() as recording, gen_random_uuid() as part, ${preparedAt} as at, ${due} as due,
        '+7900' || lpad((random() * 9999999)::int::text, 7, '0') as caller
      from generate_series(1, $1::int) n`,
    [count],
  )
  await owner.query(`
    insert into event (uuid, call_id, at, type, data, personal_hash)
      select started, call, at - interval '9 s', 'call.started', jsonb_build_object('line', '100', 'policy', 1, 'language', 'ru',
        'mode', 'key', 'channel', 'pbx-' || n, 'utcOffset', '+03:00', 'service', '${SERVICE}'),
        sha256(decode(md5(started::text), 'hex') || convert_to('{"caller":"' || caller || '"}', 'utf8'))
      from filling order by n;
    insert into event_personal (event, data, salt)
      select started, jsonb_build_object('caller', caller), decode(md5(started::text), 'hex') from filling;
    insert into event (uuid, call_id, at, type, data)
      select yes, call, at - interval '1 s', 'consent.answered', jsonb_build_object('purpose', 'service', 'answer', 'granted',
        'method', 'key', 'legalBasis', 'consent', 'retentionDays', 30, 'afterMs', 1200)
      from filling order by n;
    insert into call (id, line, policy, language, mode, channel, started_event, started_at, decision, ended_at, node)
      select call, '100', 1, 'ru', 'key', 'pbx-' || n, started, at - interval '9 s', 'granted', at + interval '60 s', '${SERVICE}'
      from filling;
    insert into answer (call_id, purpose, answer, method, legal_basis, retention_days, event, answered_at)
      select call, 'service', 'granted', 'key', 'consent', 30, yes, at - interval '1 s' from filling;
    insert into recording (id, call_id, purpose, basis, due, tap, state, seconds, prepared_at, node)
      select recording, call, 'service', yes, due, 't' || n, '${state}', 60, at, '${SERVICE}' from filling;
    insert into part (id, recording_id, number, object, started_at, location, chunks, bytes, hash)
      select part, recording, 1, 'service/' || to_char(at at time zone 'UTC', 'YYYY/MM/DD/') || part || '.ctry', at, '${DISK}', 0, 0, ''
      from filling;
    insert into event (uuid, at, type, data)
      select gen_random_uuid(), now(), 'clock.checked', '{"by": "filler", "doubt": "made at once"}'`)
  // Many new rows change the planner's statistics.
  if (count > 10_000) await owner.query('analyze')
  const { rows } = await owner.query<ArchivedRecording>(`
    select recording, call, caller, part, p.object, due from filling join part p on p.id = part order by n`)
  return rows
}
