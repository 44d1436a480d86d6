import { AppError } from '../core/errors.js'
import type { Connection } from '../db/connection.js'
import { counted } from '../lib/plural.js'
import type { LogFolder } from './log-folder.js'
import { type CheckpointRow, checkpointsFrom, eventsBetween } from './log-rows.js'
import { parseCheckpoint } from './notes/checkpoint.js'
import type { KeyChain } from './notes/key-chain.js'
import { parseNote, verifies } from './notes/note.js'
import { leafOf } from './tree/leaf.js'

/** Most checkpoints per round. Their events are held in memory until they are published. */
const CHECKPOINTS_PER_ROUND = 100
/** Events per read: some 5 ms of work, then other tasks run. */
export const EVENTS_PER_READ = 500

/**
 * Brings the folder up to the newest checkpoint in the database. The root of each checkpoint must follow from the events, and
 * its signature must be by the key of the log that is in force at its size.
 *
 * @param keysOf the keys of the log. It is called after the checkpoints were read, and so knows of every key that signed one.
 * @returns the id of the last event in the folder, and whether more checkpoints wait
 * @throws AppError `journal.inconsistent` if the journal is not the one that was signed
 */
export async function followLog(
  connection: Connection,
  folder: LogFolder,
  keysOf: () => Promise<KeyChain>,
): Promise<{ lastEvent: number; behind: boolean }> {
  const rows = await checkpointsFrom(connection, folder.size, CHECKPOINTS_PER_ROUND)
  let lastEvent = 0
  if (folder.size > 0) {
    const current = rows.shift()
    if (current?.size !== folder.size) throw rolledBack(folder.size)
    if (current.root !== folder.root())
      throw differs(`the checkpoint of ${counted(current.size, 'event', 'events')} has another root`)
    lastEvent = current.lastEvent
  }
  const keys = rows.length > 0 ? await keysOf() : undefined
  for (const row of rows) {
    await addEvents(connection, folder, lastEvent, row)
    if (folder.size !== row.size || folder.root() !== row.root)
      throw differs(`events ${lastEvent + 1} to ${row.lastEvent} do not give the signed root`)
    checkNote(row, keys!)
    lastEvent = row.lastEvent
  }
  const behind = rows.length >= CHECKPOINTS_PER_ROUND - 1
  if (!behind && folder.largestPublishedSize > folder.size) throw rolledBack(folder.largestPublishedSize)
  if (rows.length > 0) await folder.publish(rows.map(row => row.note))
  return { lastEvent, behind }
}

async function addEvents(connection: Connection, folder: LogFolder, after: number, to: CheckpointRow) {
  for (let last = after; folder.size < to.size; ) {
    const events = await eventsBetween(connection, last, to.lastEvent, EVENTS_PER_READ)
    for (const event of events) folder.add(leafOf(event))
    if (events.length < EVENTS_PER_READ) return
    last = events.at(-1)!.id
  }
}

function checkNote({ note, size, root }: CheckpointRow, keys: KeyChain): void {
  const parsed = parseNote(note)
  const checkpoint = parsed && parseCheckpoint(parsed.text)
  const holds =
    checkpoint && verifies(parsed, keys.inForce(size)) && checkpoint.size === size && checkpoint.root === root
  if (!holds)
    throw differs(
      `the checkpoint of ${counted(size, 'event', 'events')} is not signed by the key of the log that is in force at its size`,
    )
}

const differs = (what: string) =>
  new AppError('journal.inconsistent', `The journal is not the one that was signed: ${what}.`)

const rolledBack = (size: number) =>
  differs(
    `${counted(size, 'event was', 'events were')} signed, and the database does not have that checkpoint, as if an older state had been restored`,
  )
