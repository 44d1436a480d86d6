import type { CallId } from '../../core/ids.js'
import { KEPT_ANSWER_PURPOSE, type Purpose } from '../../core/policy.js'
import type { Db } from '../../db/database.js'
import type { PersonFound } from '../collect-person.js'

/** A yes to a purpose in a call. */
interface Consent {
  call_id: CallId
  purpose: Purpose
}

/**
 * Selects what a copy may hold.
 *
 * - A recording is in the copy only if the caller consented to its purpose. The copy for the person also has the words
 *   of a yes.
 * - A copy for certain purposes holds only calls with a consent to one of them that was not withdrawn, and only the
 *   recordings for that purpose.
 *
 * @param purposes an empty list: everything, for the person
 */
export async function selectForCopy(
  db: Db,
  found: PersonFound,
  purposes: readonly Purpose[],
): Promise<PersonFound> {
  const ids = found.calls.map(({ id }) => id)
  return limitToConsents(found, await selectConsents(db, ids, purposes), purposes)
}

/** As `selectForCopy`. @param consents those that count for these purposes */
export function limitToConsents(
  found: PersonFound,
  consents: readonly Consent[],
  purposes: readonly Purpose[],
): PersonFound {
  const yes = new Set(consents.map(({ call_id, purpose }) => `${call_id} ${purpose}`))
  // No question asks for the purpose of kept answers. Such a recording rests on the answer that it keeps.
  const isKeptAnswer = (purpose: Purpose) => purposes.length === 0 && purpose === KEPT_ANSWER_PURPOSE
  const calls = found.calls
    .map(call => ({
      ...call,
      recordings: call.recordings.filter(
        ({ purpose }) => yes.has(`${call.id} ${purpose}`) || isKeptAnswer(purpose),
      ),
    }))
    .filter(({ id }) => purposes.length === 0 || purposes.some(purpose => yes.has(`${id} ${purpose}`)))
  const kept = new Set(calls.flatMap(({ recordings }) => recordings.map(({ id }) => id)))
  return {
    ...found,
    calls,
    recordings: found.recordings.filter(({ id }) => kept.has(id)),
    listens: found.listens.filter(({ recording }) => kept.has(recording)),
  }
}

async function selectConsents(
  db: Db,
  calls: PersonFound['calls'][number]['id'][],
  purposes: readonly Purpose[],
): Promise<Consent[]> {
  if (calls.length === 0) return []
  return db
    .selectFrom('answer')
    .select(['call_id', 'purpose'])
    .where('call_id', 'in', calls)
    .where('positive', '=', true)
    .$if(purposes.length > 0, query =>
      query.where('purpose', 'in', purposes).where('withdrawn_at', 'is', null),
    )
    .execute()
}
