import { AppError } from '../../core/errors.js'
import type { ActId, EventId } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'
import { openProver } from '../../log/prove.js'
import { knownWitnesses } from '../../log/signed-notes.js'
import { parseLeaf } from '../leaf.js'
import { retryUntilLogged } from '../retry-until-logged.js'
import { selectSignatures } from '../signed-checkpoint.js'
import { eventLine, headLines, LAST_LINE, type Opening, statementOf } from './extract.js'

/** Events proved at once. Their rows and paths take 1 to 2 MB of memory. */
const EVENTS_PER_BATCH = 1_000

export interface ExtractOptions {
  /** Folder of the log. */
  log: string
  /** Verifier keys of witnesses besides those that the database knows. Their cosignatures are included. */
  witnesses?: readonly string[]
}

/**
 * Makes the extract of an act: the event of every destruction in the act, and the event that closed it, each with the proof that
 * it is in the log. The memory used does not depend on the number of recordings.
 *
 * @returns the file's text in pieces
 * @throws AppError `not-found` if the act is not closed or not in the log; `journal.inconsistent` if the database differs from
 *   what was logged
 */
export async function* makeExtract(db: Db, act: ActId, options: ExtractOptions): AsyncGenerator<string> {
  const { uuid: closing, personal } = await closingEvent(db, act)
  const uuids = await destructionEvents(db, act)
  const { prover, closed } = await retryUntilLogged(async () => {
    const prover = await openProver(db, options.log)
    const [closed] = await prover.prove([closing])
    return { prover, closed: closed! }
  })
  const witnesses = [...new Set([...(await knownWitnesses(db)), ...(options.witnesses ?? [])])]
  const head = headLines(
    statementOf(parseLeaf(closed.leaf), personal),
    selectSignatures(prover, witnesses),
    prover.rotations,
  )
  yield `${head.join('\n')}\n`
  for (let from = 0; from < uuids.length; from += EVENTS_PER_BATCH) {
    const events = await prover.prove(uuids.slice(from, from + EVENTS_PER_BATCH))
    yield events.map(event => `${eventLine(event)},\n`).join('')
  }
  yield `${eventLine({ ...closed, personal })}\n${LAST_LINE}\n`
}

async function closingEvent(db: Db, act: ActId): Promise<{ uuid: EventId; personal: Opening | undefined }> {
  const { rows } = await sql<{ uuid: EventId; typed: Opening['data'] | null; salt: Buffer | null }>`
    select uuid, p.data as typed, p.salt from event left join event_personal p on p.event = event.uuid
    where type = 'act.closed' and event.data ->> 'act' = ${act} order by id limit 1`.execute(db)
  if (!rows[0])
    throw new AppError(
      'not-found',
      `Act ${act} is not closed: some of its recordings are not destroyed yet. Try again after the next purge.`,
    )
  const { uuid, typed, salt } = rows[0]
  // Without its salt, the personal part cannot be proved.
  return { uuid, personal: typed && salt?.length ? { data: typed, salt: salt.toString('hex') } : undefined }
}

/** The events of the act's destructions in the order of the log, one per recording. */
async function destructionEvents(db: Db, act: ActId): Promise<EventId[]> {
  const { rows } = await sql<{ uuid: EventId }>`
    select uuid from (
      select distinct on (i.recording) e.id, e.uuid
      from act_item i
        join recording r on r.id = i.recording
        join event e on e.call_id = r.call_id and e.type = 'recording.destroyed'
          and e.data ->> 'recording' = i.recording::text and e.data ->> 'act' = ${act}
      where i.act = ${act}
      order by i.recording, e.id) first
    order by id`.execute(db)
  return rows.map(({ uuid }) => uuid)
}
