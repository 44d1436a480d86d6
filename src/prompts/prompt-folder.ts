import { chmod, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { isFull } from '../files/durable.js'
import { makeFolders } from '../files/make-folders.js'
import { AppError } from '../shared/errors.js'
import type { Log } from '../shared/log.js'

/** Files in the making stand in a folder of this name until they are whole. */
export const WORK_PREFIX = '.converting-'
/** After this a work folder was left by a process that died, ms; a conversion takes a second at most. */
const STALE_MS = 3_600_000
/** The PBX's user may pass through and list, not write. */
const FOLDER_MODE = 0o755
const PASSABLE_BY_ALL = 0o001

/**
 * Makes the folder of converted prompts ready, with one folder a language, and clears it of what a process that died
 * left half made.
 *
 * @throws AppError `store.unwritable`
 */
export async function prepareFolders(dir: string, languages: string[], log: Log): Promise<void> {
  const folders = languages.map(language => join(dir, language))
  for (const folder of folders) await makeFolders(folder).catch(throwUnwritable(folder))
  // Whatever the umask was.
  for (const folder of [dir, ...folders]) await chmod(folder, FOLDER_MODE).catch(throwUnwritable(folder))
  for (const folder of folders) await removeStaleWork(folder)
  const closed = await findClosedFolder(dir)
  if (closed)
    log.info({ folder: closed }, 'only its own user passes this folder: let the PBX run as that user')
}

async function removeStaleWork(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(WORK_PREFIX)) continue
    const path = join(folder, name)
    // Another process may have finished and removed it meanwhile.
    const folderStat = await stat(path).catch(() => undefined)
    if (folderStat && folderStat.mtimeMs < Date.now() - STALE_MS)
      await rm(path, { recursive: true, force: true })
  }
}

/** A folder on the way that keeps other users, so perhaps the PBX's, from reaching the prompts. */
async function findClosedFolder(dir: string): Promise<string | undefined> {
  for (let folder = resolve(dir); folder !== dirname(folder); folder = dirname(folder)) {
    if (((await stat(folder)).mode & PASSABLE_BY_ALL) === 0) return folder
  }
  return undefined
}

/** A write failed because the disk is full, or all that the user may have of it. */
export const diskFullError = (path: string, cause: unknown) =>
  new AppError(
    'store.unwritable',
    `prompts cannot be written to ${path}: no space is left there; make room`,
    {
      cause,
    },
  )

/** Turns the failure of a write into an AppError that says what to do; for `catch`. */
export const throwUnwritable = (path: string) => (cause: unknown) => {
  if (isFull(cause)) throw diskFullError(path, cause)
  const hint = 'give the service a folder of its own in CONSENTRY_PROMPTS'
  throw new AppError('store.unwritable', `prompts cannot be written to ${path}: ${hint}`, { cause })
}
