import { DAY_MS } from '../core/clock.js'
import { COSIGNATURE, parseVerifier } from '../log/notes/note.js'
import { cosignaturesOf } from './check-signed-checkpoint.js'
import type { SignedCheckpoint } from './signed-checkpoint.js'

/**
 * How long after an event the witness may have cosigned the first checkpoint that covers it, ms. It usually cosigns
 * within seconds. A day also covers a night's outage of the witness.
 */
const LATEST_MS = DAY_MS
/**
 * How much earlier than the stated time of an event the cosignature may be, ms. The clocks of log and witness may
 * differ by this much.
 */
const EARLIEST_MS = 600_000

/** Something that a witness with a trusted key does not confirm. */
export interface WitnessFault {
  kind: 'unwitnessed'
  what: string
  where: string
}

/**
 * Checks that every witness whose key is trusted has cosigned a checkpoint that `checkSignedCheckpoint` has verified,
 * and when. The holder of the log's key could otherwise sign anything, with any time in it.
 *
 * @param keys trusted C2SP verifier keys
 * @param events times of the events that the checkpoint covers, ISO 8601; each is compared with the time of the
 *   cosignature
 * @param where path of the checkpoint in the document
 * @param until how long after the events the cosignature may be
 */
export function checkWitnesses(
  signed: Pick<SignedCheckpoint, 'checkpoint' | 'witnesses'>,
  keys: readonly string[],
  events: readonly string[],
  where: string,
  until: 'within a day' | 'at any time' = 'within a day',
): WitnessFault[] {
  const cosignatures = cosignaturesOf(signed, keys)
  const times = events.map(at => Date.parse(at))
  return keys.flatMap(key => {
    const witness = parseVerifier(key)
    if (witness?.type !== COSIGNATURE) return []
    const fault = (what: string): WitnessFault[] => [{ kind: 'unwitnessed', what, where }]
    const place = signed.witnesses.indexOf(key)
    if (place < 0) return fault(`the witness ${witness.name}, whose key was given, has not cosigned it`)
    const { at } = cosignatures[place]!
    const [earliest, latest] = [Math.min(...times), Math.max(...times)].map(ms => new Date(ms).toISOString())
    if (Date.parse(at) < Math.max(...times) - EARLIEST_MS)
      return fault(`the witness ${witness.name} cosigned it at ${at}, before its event of ${latest}`)
    if (until === 'within a day' && Date.parse(at) > Math.min(...times) + LATEST_MS)
      return fault(
        `the witness ${witness.name} cosigned it only at ${at}, more than a day after its event of ${earliest}: nothing says that it was not written then`,
      )
    return []
  })
}
