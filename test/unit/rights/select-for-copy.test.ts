// Real: the choice of what a copy has. Fake: the calls, recordings and answers, which are values.
import t from 'tap'
import { newCallId, newRecordingId } from '../../../src/core/ids.js'
import type { PersonFound } from '../../../src/rights/collect-person.js'
import { limitToConsents } from '../../../src/rights/export/select-for-copy.js'

const call = newCallId()
const [service, words, unasked] = ['service', 'consent', 'marketing'].map(purpose => ({
  id: newRecordingId(),
  purpose,
}))
const recordings = [service!, words!, unasked!]
/** Only what the choice looks at. */
const found = {
  calls: [{ id: call, recordings }],
  recordings: recordings.map(recording => ({ call, ...recording })),
  listens: recordings.map(({ id }) => ({ recording: id })),
} as unknown as PersonFound
const consents = [{ call_id: call, purpose: 'service' }]

/** Ids of the recordings in a copy, as each of its lists has them. */
const chosen = ({ calls, recordings, listens }: PersonFound) => ({
  calls: calls.flatMap(one => one.recordings.map(({ id }) => id)),
  recordings: recordings.map(({ id }) => id),
  listens: listens.map(({ recording }) => recording),
})
const all = (ids: unknown[]) => ({ calls: ids, recordings: ids, listens: ids })

t.test('the copy for the person has the words of the yes beside what the yes allowed', async t => {
  t.strictSame(chosen(limitToConsents(found, consents, [])), all([service!.id, words!.id]))
})

t.test('the copy for a purpose has the recordings for that purpose alone', async t => {
  t.strictSame(chosen(limitToConsents(found, consents, ['service'])), all([service!.id]))
})
