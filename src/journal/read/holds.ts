import type { HoldId, RecordingId } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'
import { personalHash } from '../../lib/canonical-json.js'
import { groupBy } from '../../lib/group-by.js'
import { holdsInForce, requireHeldNumbers } from './holds-in-force.js'
import { isWithdrawn } from './withdrawn.js'

/** A block keeps a recording as a hold does, and also forbids to play and export it. */
export type HoldKind = 'hold' | 'block'

/** One hold or block on one recording. */
export interface RecordingHold {
  recording: RecordingId
  hold: HoldId
  kind: HoldKind
}

interface NumberHold extends Pick<RecordingHold, 'hold' | 'kind'> {
  number: string | null
}

/**
 * Of these recordings, those that must not be destroyed at a moment: a hold or block keeps them, and the journal has no
 * withdrawal by their caller. Every destruction of a stored recording asks this function first, in the turn of `holds`.
 *
 * @param at ms since the epoch
 * @throws AppError `journal.inconsistent` if the number of a hold differs from the journal's; then nothing may be
 *   destroyed
 */
export async function keptFromDestruction(
  db: Db,
  recordings: readonly RecordingId[],
  at: number,
): Promise<ReadonlySet<RecordingId>> {
  const { rows } = await sql<{ id: RecordingId }>`
    select r.id from recording r where r.id = any(${recordings}::uuid[]) and not ${isWithdrawn}`.execute(db)
  if (rows.length === 0) return new Set()
  const moment = new Date(at)
  await requireHeldNumbers(db, moment)
  const holds = await recordingHolds(
    db,
    rows.map(({ id }) => id),
    moment,
  )
  return new Set(holds.map(({ recording }) => recording))
}

/**
 * The holds and blocks on these recordings at a moment. A recording may have several.
 *
 * A hold on a number keeps every call in which the journal has this number. It also keeps a call whose number is erased
 * or is not the logged one, because the call may have had this number.
 */
export async function recordingHolds(
  db: Db,
  recordings: readonly RecordingId[],
  at = new Date(),
): Promise<RecordingHold[]> {
  if (recordings.length === 0) return []
  const { rows: direct } = await sql<RecordingHold>`
    with in_force as materialized (${holdsInForce(at)}),
    asked as materialized (select id, call_id, prepared_at from recording where id = any(${recordings}::uuid[]))
    select a.id as recording, h.id as hold, h.kind from asked a join in_force h on h.recording = a.id
    union all
    select a.id, h.id, h.kind from asked a join in_force h on h.call_id = a.call_id
    union all
    select a.id, h.id, h.kind from asked a join in_force h on a.prepared_at >= h.from_at and a.prepared_at < h.to_at`.execute(
    db,
  )
  const { rows: onNumbers } = await sql<NumberHold>`
    select id as hold, kind, number from (${holdsInForce(at)}) h where on_number`.execute(db)
  if (onNumbers.length === 0) return direct
  const callers = await callersOf(db, recordings)
  const byNumber = recordings.flatMap(recording =>
    onNumbers
      .filter(({ number }) => number === null || mayHaveNumber(callers.get(recording) ?? [], number))
      .map(({ hold, kind }) => ({ recording, hold, kind })),
  )
  return [...direct, ...byNumber]
}

/** The number of a caller in one event of a call. */
interface CallerRow {
  recording: RecordingId
  /** The hash that the event has of its personal part, hex. Null: it never had one. */
  hash: string | null
  data: { caller?: string } | null
  salt: Buffer | null
}

async function callersOf(db: Db, recordings: readonly RecordingId[]): Promise<Map<RecordingId, CallerRow[]>> {
  const { rows } = await sql<CallerRow>`
    select r.id as recording, encode(e.personal_hash, 'hex') as hash, p.data, p.salt
    from recording r join event e on e.call_id = r.call_id and e.type in ('call.started', 'person.corrected')
      left join event_personal p on p.event = e.uuid
    where r.id = any(${recordings}::uuid[])`.execute(db)
  return groupBy(rows, ({ recording }) => recording)
}

/** A corrected number is erased from the earlier events, so one intact number suffices. A changed one never does. */
function mayHaveNumber(rows: readonly CallerRow[], number: string): boolean {
  const stated = rows.filter(({ data, salt }) => data?.caller !== undefined && salt && salt.length > 0)
  if (stated.length === 0) return rows.some(({ hash }) => hash !== null)
  return stated.some(({ hash, data, salt }) => data!.caller === number || personalHash(salt!, data) !== hash)
}

/** Of these recordings, those under a hold or block now. A recording with both counts as blocked. */
export async function holdKinds(
  db: Db,
  recordings: readonly RecordingId[],
): Promise<Map<RecordingId, HoldKind>> {
  const kinds = new Map<RecordingId, HoldKind>()
  for (const { recording, kind } of await recordingHolds(db, recordings))
    if (kind === 'block' || !kinds.has(recording)) kinds.set(recording, kind)
  return kinds
}
