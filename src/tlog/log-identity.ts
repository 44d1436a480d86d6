import type { KeyObject } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connection } from '../db/connection.js'
import { makeFolders } from '../files/make-folders.js'
import { AppError } from '../shared/errors.js'
import { readText } from './log-files.js'
import { KEY_FILE } from './log-folder.js'
import { registeredLog, registerLog } from './log-rows.js'
import { createSigningKey, readSigningKey, type SigningKey } from './notes/log-key.js'
import { parseVerifier, type Verifier } from './notes/note.js'

/** Name and keys of a log. */
export interface LogIdentity {
  origin: string
  verifier: Verifier
  /** Undefined if the signing key is not on this machine. Then the log is followed and served, but not extended. */
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
 * The identity of this database's log. The first service creates the log with a key of its own. The verifier key is pinned in
 * the log's folder, so that a different log under the same name is detected.
 *
 * @throws AppError `journal.inconsistent` if database and folder name different logs; `config.invalid`
 */
export async function identifyLog(connection: Connection, place: LogLocation): Promise<LogIdentity> {
  const pinned = (await readText(join(place.dir, KEY_FILE)))?.trim()
  const registered =
    (await registeredLog(connection)) ?? (pinned ? undefined : await createLog(connection, place))
  if (!registered)
    throw new AppError(
      'journal.inconsistent',
      `The database has no log, but ${place.dir} contains one. See docs/journal.md, When the log stops.`,
    )
  if (pinned && pinned !== registered.key)
    throw new AppError(
      'journal.inconsistent',
      `The database names the log ${registered.key}, and ${place.dir} contains another one.`,
    )
  const verifier = parseVerifier(registered.key)
  if (!verifier || verifier.name !== registered.origin)
    throw new AppError('journal.inconsistent', 'The key of the log in the database is not valid.')
  if (!pinned) await pinKey(place.dir, registered.key)
  const key = await readSigningKey(place.keyFile, registered.origin)
  const secret = key?.verifier === registered.key ? key.secret : undefined
  return { origin: registered.origin, verifier, secret }
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

async function pinKey(dir: string, key: string): Promise<void> {
  await makeFolders(dir)
  await writeFile(join(dir, KEY_FILE), `${key}\n`, { flush: true })
}
