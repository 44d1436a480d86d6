import { type Db, sql } from '../db/database.js'
import type { RecordingId } from '../shared/ids.js'
import { inParallel } from '../shared/lane.js'
import type { DestroyDeps } from './deps.js'
import { type Marked, STALE_AFTER } from './mark.js'

/** Recordings looked for at once. */
const WIDTH = 32

/** What is looked for: a recording that has parts, and of which nothing has been destroyed. */
type Whole = Pick<Marked, 'id' | 'purpose' | 'due' | 'parts'>

/**
 * Which recordings nothing is found of: no container and no key of any part, under whatever day, on whatever mirror. They may be
 * destroyed, or they may lie where this process was not told to look; so nobody may say that they are destroyed. A recording whose
 * caller took the yes back is not among them, for its keys and containers go before anything else is written.
 *
 * @param at ms since the epoch; one that still runs at that moment is not looked for
 */
export async function findMissing(
  { db, store, keyStore }: Pick<DestroyDeps, 'db' | 'store' | 'keyStore'>,
  ids: readonly RecordingId[],
  at: number,
): Promise<ReadonlySet<RecordingId>> {
  const missing = new Set<RecordingId>()
  await inParallel(await wholeAmong(db, ids, at), WIDTH, async recording => {
    // A store that cannot say what it has is told of when it is to destroy it.
    if (!(await hasTrace(recording).catch(() => true))) missing.add(recording.id)
  })
  if (missing.size === 0) return missing
  // Whoever destroys one at the same time has marked it before the first of it went.
  return new Set((await wholeAmong(db, [...missing], at)).map(({ id }) => id))

  async function hasTrace({ purpose, due, parts }: Whole): Promise<boolean> {
    // The cheapest look first, which ends nearly all of them: each costs a purge time.
    for (const { object } of parts) if (await store.has(object)) return true
    for (const { id } of parts) {
      if ((await keyStore.standing({ purpose, due, part: id })).length > 0) return true
      if (await keyStore.find(id)) return true
    }
    return false
  }
}

async function wholeAmong(db: Db, ids: readonly RecordingId[], at: number): Promise<Whole[]> {
  const { rows } = await sql<Whole>`
    select r.id, r.purpose, r.due, json_agg(json_build_object('id', p.id, 'object', p.object)) as parts
    from recording r
      join part p on p.recording_id = r.id
      join answer a on a.call_id = r.call_id and a.purpose = r.purpose
    where r.id = any(${ids})
      and (r.state in ('finished', 'truncated', 'held', 'blocked')
        or r.state = 'recording' and r.prepared_at < ${new Date(at - STALE_AFTER)})
      and (r.revoked_at is null or r.revoked_at is distinct from a.withdrawn_at)
    group by r.id`.execute(db)
  return rows
}
