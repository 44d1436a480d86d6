import type { KeyObject } from 'node:crypto'
import type { Connection } from '../db/connection.js'
import { EVENTS_PER_READ } from './follow-log.js'
import type { LogFolder } from './log-folder.js'
import {
  addCheckpoint,
  countRotations,
  eventsBetween,
  newestSize,
  stableEventId,
  tryLogTurn,
} from './log-rows.js'
import { checkpointText } from './notes/checkpoint.js'
import { signatureLine, signBytes, type Verifier } from './notes/note.js'
import { leafOf } from './tree/leaf.js'

/** Most events per checkpoint. They are held in memory until they are published. */
const EVENTS_PER_CHECKPOINT = 10_000

export interface Signer {
  origin: string
  /** The newest key of the log. */
  verifier: Verifier
  secret: KeyObject
  /** Number of rotations in the journal when this key was the newest. */
  rotations: number
}

/**
 * Adds new events to the log, signs a checkpoint, and publishes both. Only the service that locks the row `log_turn`
 * does so. The checkpoint is committed before it is published. If the service is killed in between, `followLog`
 * completes the files.
 *
 * @param lastEvent id of the last event in the folder
 * @returns whether the next round should begin at once
 * @throws the database's error. Then the folder must be opened again.
 */
export async function extendLog(
  connection: Connection,
  folder: LogFolder,
  lastEvent: number,
  signer: Signer,
): Promise<boolean> {
  // Each statement must see all earlier commits, whatever the database's default isolation level is.
  await connection.query('begin isolation level read committed')
  try {
    const mine = await tryLogTurn(connection)
    // A rotation is committed with this row locked. Afterwards the former key signs nothing.
    const rotated = mine && (await countRotations(connection)) !== signer.rotations
    const current = mine && !rotated && (await newestSize(connection)) === folder.size
    const upTo = current ? ((await stableEventId(connection)) ?? lastEvent) : lastEvent
    if (upTo <= lastEvent) {
      await connection.query('rollback')
      // If another service has extended the log, `followLog` adds its checkpoints to the folder. After a rotation,
      // another key is in force.
      return mine && !current
    }
    const last = await addEvents(connection, folder, lastEvent, upTo)
    const note = sign(folder, signer)
    await addCheckpoint(connection, { size: folder.size, lastEvent: last, root: folder.root(), note })
    const { command } = await connection.query('commit')
    if (command !== 'COMMIT') throw new Error('The checkpoint was not committed')
    await folder.publish([note])
    return last < upTo
  } catch (error) {
    await connection.query('rollback').catch(() => undefined)
    throw error
  }
}

/** @returns the id of the last event that was added */
async function addEvents(connection: Connection, folder: LogFolder, after: number, upTo: number) {
  let last = after
  for (let added = 0; added < EVENTS_PER_CHECKPOINT; added += EVENTS_PER_READ) {
    const events = await eventsBetween(connection, last, upTo, EVENTS_PER_READ)
    for (const event of events) folder.add(leafOf(event))
    last = events.at(-1)?.id ?? upTo
    if (events.length < EVENTS_PER_READ) return last
  }
  return last
}

function sign(folder: LogFolder, { origin, verifier, secret }: Signer): string {
  const text = checkpointText({ origin, size: folder.size, root: folder.root() })
  return `${text}\n${signatureLine(verifier, signBytes(secret, text))}`
}
