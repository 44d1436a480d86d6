import { lstat, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { requireRight } from '../accounts/deeds.js'
import type { DepsWith } from '../accounts/deps.js'
import type { Actor } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { type CallEvent, event } from '../core/events.js'
import type { Connection } from '../db/connection.js'
import type { Database } from '../db/database.js'
import { lockKey } from '../db/locks.js'
import { encodeEvent } from '../journal/write/encode-event.js'
import { insertEvents } from '../journal/write/write-batch.js'
import { shred, unwritable } from '../lib/files/durable.js'
import { makeSecretFile } from '../lib/files/secret-file.js'
import { syncFolder } from '../lib/files/sync.js'
import { readBytes } from './log-files.js'
import { keysOfLog } from './log-identity.js'
import { checkpointsFrom, newestEvent, newestSize, registeredLog } from './log-rows.js'
import type { KeyChain } from './notes/key-chain.js'
import {
  createSigningKey,
  formerKeyFile,
  nextKeyFile,
  readSigningKey,
  type SigningKey,
} from './notes/log-key.js'
import { parseNote, parseVerifier, verifies } from './notes/note.js'
import { keyText, parseRotation, type Rotation, signRotation } from './notes/rotation.js'

/** How long a service may have the turn of the log, ms. It extends the log by at most 10,000 events. */
const TURN_MS = 20_000

export interface KeyRotation {
  /** File of the signing key. The files of the next and of the former key are beside it during the rotation. */
  keyFile: string
  /** File for a copy of the former key. Without it the former key is destroyed. */
  keep?: string | undefined
  /** Makes the event of a statement. */
  eventOf(statement: string): CallEvent
}

/** A completed rotation. */
export interface RotatedKey {
  rotation: Rotation
  /** An interrupted earlier run had committed it, and this run completed it. */
  continued: boolean
}

/**
 * Rotates the log's key. The statement of both keys is committed as an event while no service can extend the log. From
 * then on only the new key signs. The new key then replaces the former one on disk, and the former one is destroyed.
 *
 * The process may be killed at any point. Before the commit it has only created a key, which the next run uses. After
 * the commit a service signs with the file of the next key, and the next run completes the rotation. Services may run
 * meanwhile or not.
 *
 * @throws AppError `key.missing` if this machine does not have the log's key; `request.invalid` if the log has no
 *   checkpoint, the key is a link, or `keep` names another file; `store.unwritable` if a file cannot be written;
 *   `request.conflict` if the last rotation is not in the log yet; `journal.inconsistent`; `db.unavailable`; errors of
 *   the system and the database
 */
export async function rotateLogKey(db: Pick<Database, 'connect'>, how: KeyRotation): Promise<RotatedKey> {
  const connection = await db.connect('log key')
  try {
    await connection.query(`set datestyle = 'ISO'`)
    const { continued } = await inTurn(connection, keys => commitRotation(connection, keys, how))
    const rotation = await inTurn(connection, async keys => {
      const done =
        'The key is rotated, and services sign with the new one. Its file could not be put in its place'
      await takePlace(keys, how.keyFile).catch(throwUnwritable(`${done}; mend that, and run this again`))
      return keys.rotations.at(-1)!
    })
    return { rotation, continued }
  } finally {
    await connection.close().catch(() => connection.cut())
  }
}

/** Runs `work` and commits, while a lock excludes extensions of the log and other rotations. */
async function inTurn<T>(connection: Connection, work: (keys: KeyChain) => Promise<T>): Promise<T> {
  await connection.query('begin isolation level read committed')
  try {
    await connection.query(`set local lock_timeout = ${TURN_MS}`)
    await connection.query(`select pg_advisory_xact_lock(${lockKey('log')})`)
    const registered = await registeredLog(connection)
    if (!registered)
      throw new AppError('request.invalid', 'the database has no log yet; consentry serve makes it')
    const result = await work((await keysOfLog(connection, registered)).keys)
    const { command } = await connection.query('commit')
    if (command !== 'COMMIT') throw new Error('The rotation was not committed')
    return result
  } catch (error) {
    await connection.query('rollback').catch(() => undefined)
    throw error
  }
}

async function commitRotation(
  connection: Connection,
  keys: KeyChain,
  { keyFile, keep, eventOf }: KeyRotation,
): Promise<{ continued: boolean }> {
  const newest = keyText(keys.newest)
  if (keep !== undefined) await requireNoFolder(keep)
  const [own, next] = [await keyIn(keyFile, keys), await keyIn(nextKeyFile(keyFile), keys)]
  const left = own?.verifier === newest && (await readBytes(formerKeyFile(keyFile))) !== undefined
  if (next?.verifier === newest || left) {
    const former = own && !left ? keyFile : formerKeyFile(keyFile)
    // The interrupted run may have made the copy and begun to destroy the former key.
    if (keep !== undefined && (await readBytes(keep)) === undefined) {
      await requireFormerKey(former, keys)
      await keepCopy(former, keep)
    }
    return { continued: true }
  }
  if (own?.verifier !== newest)
    throw new AppError(
      'key.missing',
      `${keyFile} does not hold the log's key ${newest}. Rotate it on a machine that has it.`,
    )
  const stat = await lstat(keyFile)
  if (!stat.isFile())
    throw new AppError('request.invalid', `${keyFile} is a link: name the file itself in CONSENTRY_LOG_KEY`)
  const last = await lastCheckpoint(connection, keys)
  if (keep !== undefined) await requireFree(keyFile, keep)
  // A key from an interrupted run has signed nothing yet.
  const drawn =
    next && !keys.includes(next.verifier)
      ? next
      : await createSigningKey(nextKeyFile(keyFile), keys.origin, undefined, stat).catch(
          throwUnwritable(nextKeyFile(keyFile)),
        )
  if (keep !== undefined) await keepCopy(keyFile, keep)
  const terms = { ...last, from: keys.newest, to: parseVerifier(drawn.verifier)! }
  const statement = signRotation(terms, { from: own.secret, to: drawn.secret })
  if (!parseRotation(statement)) throw new Error('The statement of the rotation does not verify')
  await insertEvents(connection, [encodeEvent(eventOf(statement))])
  return { continued: false }
}

const keyIn = (file: string, { origin }: KeyChain): Promise<SigningKey | undefined> =>
  readSigningKey(file, origin)

/** The newest checkpoint, which the key in force has signed. */
async function lastCheckpoint(connection: Connection, keys: KeyChain) {
  const size = await newestSize(connection)
  const [row] = size > 0 ? await checkpointsFrom(connection, size, 1) : []
  if (!row)
    throw new AppError(
      'request.invalid',
      'the log has no checkpoint yet; consentry serve signs the first one',
    )
  if (size <= (keys.rotations.at(-1)?.size ?? 0))
    throw new AppError(
      'request.conflict',
      `The last rotation is not in the log yet${(await newestEvent(connection)) > row.lastEvent ? '; a running service that has the key adds it within a second' : ''}. Try again then.`,
    )
  const note = parseNote(row.note)
  if (!note || !verifies(note, keys.newest))
    throw new AppError(
      'journal.inconsistent',
      `The checkpoint of ${size} leaves is not signed by the log's key. Run consentry verify.`,
    )
  return { size, root: row.root }
}

/** @throws AppError `key.missing` if the file of the former key does not contain a key any more */
async function requireFormerKey(file: string, keys: KeyChain): Promise<void> {
  const former = await keyIn(file, keys).catch(() => undefined)
  if (former && keys.includes(former.verifier)) return
  throw new AppError(
    'key.missing',
    'The former key is already destroyed, so there is nothing to keep. Run this again without --keep.',
  )
}

/** @throws AppError `request.invalid` if the copy's name is that of a folder */
async function requireNoFolder(copy: string): Promise<void> {
  if ((await lstat(copy).catch(() => undefined))?.isDirectory())
    throw new AppError('request.invalid', `${copy} is a folder: name a file. Nothing was changed.`)
}

/** @throws AppError `request.invalid` if the copy's name is that of a file that holds something else */
async function requireFree(keyFile: string, copy: string): Promise<void> {
  const present = await readBytes(copy)
  if (present && !present.equals(await readFile(keyFile)))
    throw new AppError('request.invalid', `${copy} exists and holds something else; nothing was changed`)
}

async function keepCopy(keyFile: string, copy: string): Promise<void> {
  if ((await readBytes(copy)) === undefined)
    await makeSecretFile(copy, await readFile(keyFile)).catch(throwUnwritable(copy))
}

const throwUnwritable =
  (what: string) =>
  (error: unknown): never => {
    throw unwritable(what, error)
  }

/** Puts the key in force into the key file, and destroys the former one. Each step can be repeated. */
async function takePlace(keys: KeyChain, keyFile: string): Promise<void> {
  const newest = keyText(keys.newest)
  if ((await keyIn(nextKeyFile(keyFile), keys))?.verifier === newest) {
    const own = await keyIn(keyFile, keys)
    // Between the two steps, a service finds the key in the file of the next key.
    if (own && own.verifier !== newest) await rename(keyFile, formerKeyFile(keyFile))
    await rename(nextKeyFile(keyFile), keyFile)
    await syncFolder(dirname(keyFile))
  }
  if ((await keyIn(keyFile, keys))?.verifier === newest) await shred(formerKeyFile(keyFile))
}

/** A completed rotation of the log's key. */
export interface LogKeyRotation {
  /** Verifier keys. */
  from: string
  to: string
  /** `to` signs checkpoints of more leaves than this. */
  size: number
  /** The statement, signed by both keys. */
  statement: string
  /** True if an earlier run had begun it and was interrupted. */
  continued: boolean
}

/**
 * Rotates the key of the transparency log. Who did it is in the journal.
 *
 * @param keep file for a copy of the former key; without it that key is destroyed
 * @throws AppError as `rotateLogKey`
 */
export async function rotateKeyOfLog(
  { db, clock, config }: DepsWith<'db' | 'clock', 'log'>,
  actor: Actor,
  keep: string | undefined,
): Promise<LogKeyRotation> {
  requireRight(actor, 'log.rotate-key')
  const { name: by, way } = actor
  const { rotation, continued } = await rotateLogKey(db, {
    keyFile: config.log.keyFile,
    keep,
    eventOf: statement => event('log.key-rotated', null, clock.now(), { statement, by, way }),
  })
  const { from, to, size, note } = rotation
  return { from: keyText(from), to: keyText(to), size, statement: note, continued }
}
