import type { RecordingId } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'
import { inParallel } from '../../lib/lane.js'
import { archiveAt } from '../../vault/store/archive-at.js'
import { type ActRecording, STALE_AFTER_MS } from './assign-to-act.js'
import type { DestroyDeps } from './types.js'

/** Recordings searched for at once. */
const CONCURRENT_SEARCHES = 32

/** A recording that should be in the stores: it has parts, and none of them has been destroyed. */
type Candidate = Pick<ActRecording, 'id' | 'purpose' | 'due' | 'parts'>

/**
 * Finds the recordings that are missing from the stores: no container of any part, and no key of any part under any day
 * on any mirror. An act must not state that they are destroyed, because they may be in a store that this process does
 * not know.
 *
 * A recording whose caller withdrew is never among them. The withdrawal destroys its keys and containers before it
 * writes anything to the database.
 *
 * @param at recordings in progress at this moment are not searched for, ms since the epoch
 */
export async function findMissing(
  { db, store, keyStore }: Pick<DestroyDeps, 'db' | 'store' | 'keyStore'>,
  ids: readonly RecordingId[],
  at: number,
): Promise<ReadonlySet<RecordingId>> {
  const missing = new Set<RecordingId>()
  await inParallel(await selectCandidates(db, ids, at), CONCURRENT_SEARCHES, async recording => {
    // A store that fails here fails again in `removeAudio`, which reports the error.
    if (!(await hasTrace(recording).catch(() => true))) missing.add(recording.id)
  })
  if (missing.size === 0) return missing
  // Another process may have destroyed a recording meanwhile. It assigns the recording to its act before it removes anything.
  return new Set((await selectCandidates(db, [...missing], at)).map(({ id }) => id))

  async function hasTrace({ purpose, due, parts }: Candidate): Promise<boolean> {
    // The cheapest search comes first. It suffices for nearly every recording, and a purge searches for all of them.
    for (const { object, location } of parts) if (await archiveAt(store, location).has(object)) return true
    for (const { id } of parts) {
      if ((await keyStore.existingPaths({ purpose, due, part: id })).length > 0) return true
      if (await keyStore.find(id)) return true
    }
    return false
  }
}

async function selectCandidates(db: Db, ids: readonly RecordingId[], at: number): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select r.id, r.purpose, r.due, json_agg(json_build_object('id', p.id, 'object', p.object, 'location', p.location)) as parts
    from recording r
      join part p on p.recording_id = r.id
      join answer a on a.call_id = r.call_id and a.purpose = r.answer_purpose
    where r.id = any(${ids})
      and (r.state in ('finished', 'truncated', 'held', 'blocked')
        or r.state = 'recording' and r.prepared_at < ${new Date(at - STALE_AFTER_MS)})
      and (r.revoked_at is null or r.revoked_at is distinct from a.withdrawn_at)
    group by r.id`.execute(db)
  return rows
}
