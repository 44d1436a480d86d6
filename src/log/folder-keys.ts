import { join } from 'node:path'
import { AppError } from '../core/errors.js'
import { makeFolders } from '../lib/files/make-folders.js'
import { ROTATIONS_FILE, readText, replaceDurably } from './log-files.js'
import { KeyChain } from './notes/key-chain.js'
import { parseVerifier } from './notes/note.js'
import { keyText, parseRotation, statementsIn } from './notes/rotation.js'
import type { Trust } from './notes/trusted-keys.js'

/** Name of the file of the newest verifier key, in the log's folder. */
export const KEY_FILE = 'key.pub'

/** The newest key of the log in a folder, as its file states it. Undefined if absent. */
export const pinnedKey = async (dir: string): Promise<string | undefined> =>
  (await readText(join(dir, KEY_FILE)))?.trim()

/** The statements in the log's folder, oldest first, unverified. */
export const publishedStatements = async (dir: string): Promise<string[]> =>
  statementsIn((await readText(join(dir, ROTATIONS_FILE))) ?? '')

/**
 * The keys of the log in a folder.
 *
 * @returns undefined if the folder has none
 * @throws AppError `journal.inconsistent` if the statements do not lead to the key
 */
export async function folderKeys(dir: string): Promise<KeyChain | undefined> {
  // The statements are written before the key, and so read after it.
  const newest = await pinnedKey(dir)
  const statements = await publishedStatements(dir)
  const first = statements[0] === undefined ? parseVerifier(newest ?? '') : parseRotation(statements[0])?.from
  if (!newest) return undefined
  const keys = first && KeyChain.from(first, statements)
  if (keys?.includes(newest) && keys.rotations.length === statements.length) return keys
  throw new AppError(
    'journal.inconsistent',
    `The statements in ${join(dir, ROTATIONS_FILE)} do not lead to the key in ${join(dir, KEY_FILE)}. Remove both files and restart the service, which writes them again.`,
  )
}

/** The trust in the own log: all its keys so far, each for the checkpoints that it signs. */
export async function ownTrust(dir: string): Promise<Trust | undefined> {
  const keys = await folderKeys(dir)
  return keys && { keys: keys.keys.map(keyText), rotations: keys.statements }
}

/** Writes the keys of a log into its folder. The files are on disk when this resolves. */
export async function publishKeys(dir: string, keys: KeyChain): Promise<void> {
  await makeFolders(dir)
  const statements = keys.statements.map(note => `${note}\n`).join('')
  if (statements !== '') await replaceDurably(join(dir, ROTATIONS_FILE), statements)
  await replaceDurably(join(dir, KEY_FILE), `${keyText(keys.newest)}\n`)
}
