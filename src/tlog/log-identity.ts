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

/** Which log this is, and whether this service can sign for it. */
export interface LogIdentity {
  origin: string
  verifier: Verifier
  /** Undefined where the key is not on this machine: then the log is followed and served, not carried on. */
  secret: KeyObject | undefined
}

/** Where the log's identity is kept on this machine. */
export interface LogLocation {
  /** The log's folder. */
  dir: string
  /** File of the signing key. */
  keyFile: string
  /** What a new log is to be called. */
  origin: string
}

/**
 * The log of this database; the first service to ask makes it, with a key of its own. What was once learnt of it stands in
 * the log's folder, so that another log under the same name is noticed.
 *
 * @throws AppError `journal.inconsistent` where the database and the folder speak of different logs; `config.invalid`
 */
export async function identifyLog(connection: Connection, place: LogLocation): Promise<LogIdentity> {
  const pinned = (await readText(join(place.dir, KEY_FILE)))?.trim()
  const registered =
    (await registeredLog(connection)) ?? (pinned ? undefined : await createLog(connection, place))
  if (!registered)
    throw new AppError('journal.inconsistent', `The database knows of no log, and ${place.dir} holds one.`)
  if (pinned && pinned !== registered.key)
    throw new AppError(
      'journal.inconsistent',
      `The database names another log than ${place.dir}: ${registered.key}.`,
    )
  const verifier = parseVerifier(registered.key)
  if (!verifier || verifier.name !== registered.origin)
    throw new AppError('journal.inconsistent', 'The database names no valid key for the log.')
  if (!pinned) await pinKey(place.dir, registered.key)
  const key = await readSigningKey(place.keyFile, registered.origin)
  const secret = key?.verifier === registered.key ? key.secret : undefined
  return { origin: registered.origin, verifier, secret }
}

/** Registers a new log. Its key is on disk before anybody hears of it. */
async function createLog(connection: Connection, { keyFile, origin }: LogLocation) {
  const present = await readSigningKey(keyFile, origin)
  const key: SigningKey = present ?? (await createSigningKey(keyFile, origin))
  await registerLog(connection, origin, key.verifier)
  const registered = await registeredLog(connection)
  // Another service was faster: a key that never signed is of no use to anybody.
  if (!present && registered && registered.key !== key.verifier) await rm(keyFile, { force: true })
  return registered
}

async function pinKey(dir: string, key: string): Promise<void> {
  await makeFolders(dir)
  await writeFile(join(dir, KEY_FILE), `${key}\n`, { flush: true })
}
