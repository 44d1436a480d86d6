import type { KeyObject } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { AppError } from '../core/errors.js'
import type { Connection } from '../db/connection.js'
import { pinnedKey, publishedStatements, publishKeys } from './folder-keys.js'
import { type Registered, registeredLog, registerLog, rotationStatements } from './log-rows.js'
import { KeyChain } from './notes/key-chain.js'
import { createSigningKey, nextKeyFile, readSigningKey, type SigningKey } from './notes/log-key.js'
import { parseVerifier } from './notes/note.js'
import { keyText } from './notes/rotation.js'

/** Name and keys of a log. */
export interface LogIdentity {
  origin: string
  keys: KeyChain
  /** Number of rotations in the journal, including invalid ones. */
  rotations: number
  /** The newest key. Undefined if it is not on this machine. The log is then followed and served, but not extended. */
  secret: KeyObject | undefined
}

/** Where the log and its key are on this machine. */
export interface LogLocation {
  /** The log's folder. */
  dir: string
  /** File of the signing key. */
  keyFile: string
  /** Name of a new log. */
  origin: string
}

/**
 * The identity of this database's log. The first service creates the log with a key of its own. The verifier key is
 * pinned in the log's folder, so that a different log under the same name is detected. The pinned key is replaced only
 * by a key to which signed statements lead, each signed by both keys.
 *
 * @throws AppError `journal.inconsistent` if database and folder name different logs; `config.invalid`
 */
export async function identifyLog(connection: Connection, place: LogLocation): Promise<LogIdentity> {
  const pinned = await pinnedKey(place.dir)
  const registered =
    (await registeredLog(connection)) ?? (pinned ? undefined : await createLog(connection, place))
  if (!registered)
    throw new AppError(
      'journal.inconsistent',
      `The database has no log, but ${place.dir} contains one. See docs/operate.md, When the log stops.`,
    )
  const { keys, rotations } = await keysOfLog(connection, registered)
  await keepPublished(place.dir, keys)
  const signing = await signingKeyOf(place.keyFile, keys)
  return { origin: registered.origin, keys, rotations, secret: signing?.secret }
}

/**
 * Writes the keys of the log into its folder again if their files were changed or removed.
 *
 * @throws AppError `journal.inconsistent` if the folder is that of another log; errors of the system
 */
export async function keepPublished(dir: string, keys: KeyChain): Promise<void> {
  const pinned = await pinnedKey(dir)
  if (pinned && !keys.includes(pinned))
    throw new AppError(
      'journal.inconsistent',
      `The database names the log ${keyText(keys.keys[0]!)}, and ${dir} contains another one.`,
    )
  const published = (await publishedStatements(dir)).join() === keys.statements.join()
  if (pinned !== keyText(keys.newest) || !published) await publishKeys(dir, keys)
}

/** Reads the keys of the registered log. @throws AppError `journal.inconsistent` if its first key is invalid */
export async function keysOfLog(connection: Connection, { origin, key }: Registered) {
  const first = parseVerifier(key)
  if (!first || first.name !== origin)
    throw new AppError('journal.inconsistent', 'The key of the log in the database is not valid.')
  const statements = await rotationStatements(connection)
  return { keys: KeyChain.from(first, statements), rotations: statements.length }
}

/**
 * Finds the signing key in force. Until a rotation is finished, it is in the file of the next key.
 *
 * @returns undefined if this machine does not have it
 */
async function signingKeyOf(keyFile: string, { origin, newest }: KeyChain): Promise<SigningKey | undefined> {
  for (const file of [keyFile, nextKeyFile(keyFile)]) {
    const key = await readSigningKey(file, origin)
    if (key?.verifier === keyText(newest)) return key
  }
  return undefined
}

/** Registers a new log. Its key is on disk before it is registered. */
async function createLog(connection: Connection, { keyFile, origin }: LogLocation) {
  const present = await readSigningKey(keyFile, origin)
  const key: SigningKey = present ?? (await createSigningKey(keyFile, origin))
  await registerLog(connection, origin, key.verifier)
  const registered = await registeredLog(connection)
  // If another service registered its log first, the new key never signed anything and is removed.
  if (!present && registered && registered.key !== key.verifier) await rm(keyFile, { force: true })
  return registered
}
