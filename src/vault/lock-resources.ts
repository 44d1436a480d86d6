import { createHash } from 'node:crypto'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/config.js'
import { FOLDER_MODE } from '../files/durable.js'
import { lock } from '../files/lock.js'
import { makeFolders } from '../files/make-folders.js'
import { runtimeFolder } from '../files/runtime-folder.js'
import { AppError } from '../shared/errors.js'
import type { Log } from '../shared/log.js'

/** Path of a data folder's lock. It is in a folder of mode 0700, so that no other user can hold it. */
export const dataLockPath = (data: string): string => join(data, 'run', 'service.lock')

/**
 * Locks data folder, ARI application and tap folder for as long as this process lives. Two services on one machine would take
 * calls, pipes and events from each other, so the later one ends before it touches anything.
 *
 * @throws AppError `config.invalid`, `tool.missing`, `tool.failed`
 */
export async function lockServiceResources(
  { data, tapDir, ari: { url, app } }: Pick<Config, 'data' | 'tapDir' | 'ari'>,
  log: Log,
): Promise<void> {
  // All at once, because callers may wait for a service that is restarted.
  const [hasData, hasPbx, hasTap] = await Promise.all([
    lockData(data),
    lockPbx(url, app, log),
    lockTap(tapDir),
  ])
  if (!hasData) throw heldByOther(`CONSENTRY_DATA ${data}`)
  if (!hasPbx) throw heldByOther(`ARI_APP ${app} of ${url}`)
  if (!hasTap) throw heldByOther(`CONSENTRY_TAP_DIR ${tapDir}`)
}

function heldByOther(what: string): AppError {
  const advice = 'is it still stopping? Two on one machine each need their own.'
  return new AppError('config.invalid', `Another service of this machine has ${what}: ${advice}`)
}

async function lockData(data: string): Promise<boolean> {
  try {
    await makeFolders(join(data, 'run'), FOLDER_MODE)
    return await lock(dataLockPath(data), 'file')
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const { code = 'failed' } = cause as NodeJS.ErrnoException
    throw new AppError('config.invalid', `${dataLockPath(data)} cannot be locked: ${code}`, { cause })
  }
}

/** The lock of an application is a file in the runtime folder. Without that folder, only the PBX notices a second service. */
async function lockPbx(url: string, app: string, log: Log): Promise<boolean> {
  const folder = await runtimeFolder()
  const name = createHash('sha256')
    .update(JSON.stringify([url, app]))
    .digest('hex')
  if (folder) return await lock(join(folder, `pbx-${name}.lock`), 'file')
  log.warn('no folder for locks: a second service on this ARI_APP is noticed only once the PBX replaces one')
  return true
}

/** A folder that cannot be made or is not ours is not locked: the keeper refuses it and says why. */
async function lockTap(tapDir: string): Promise<boolean> {
  await makeFolders(tapDir, FOLDER_MODE).catch(() => {})
  const stat = await lstat(tapDir).catch(() => undefined)
  return stat?.isDirectory() && stat.uid === process.geteuid?.() ? await lock(tapDir, 'folder') : true
}
