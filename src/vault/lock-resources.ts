import { createHash } from 'node:crypto'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/config.js'
import { AppError } from '../core/errors.js'
import { FOLDER_MODE } from '../lib/files/durable.js'
import { lock, runtimeFolder } from '../lib/files/lock.js'
import { makeFolders } from '../lib/files/make-folders.js'
import type { Log } from '../lib/log.js'

/** Path of the lock file of a data folder. Its folder has mode 0700, so no other user can take the lock. */
export const dataLockPath = (data: string): string => join(data, 'run', 'service.lock')

/**
 * Locks the data folder, the ARI application and the tap folder as long as this process lives. Two services on one machine
 * would take calls, pipes and events from each other. The second service therefore fails here, before it changes anything.
 *
 * @throws AppError `config.invalid` if another service has a lock or a lock file cannot be made; `tool.missing` or `tool.failed`
 *   if flock(1) does not work
 */
export async function lockServiceResources(
  { data, tapDir, ari: { url, app } }: Pick<Config, 'data' | 'tapDir' | 'ari'>,
  log: Log,
): Promise<void> {
  // In parallel, because callers may be waiting while a service restarts.
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
  const advice =
    'wait until it has stopped. To run two services on one machine, give each a value, and a database, of its own.'
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

/**
 * Locks the ARI application with a file in the runtime folder. Without that folder the application is not locked. A second
 * service is then detected only when the PBX replaces the connection of the first.
 */
async function lockPbx(url: string, app: string, log: Log): Promise<boolean> {
  const folder = await runtimeFolder()
  const name = createHash('sha256')
    .update(JSON.stringify([url, app]))
    .digest('hex')
  if (folder) return await lock(join(folder, `pbx-${name}.lock`), 'file')
  log.warn(
    'no runtime folder for the lock of ARI_APP: make /run/consentry for the user of the service. Until then a second service is detected only when the PBX replaces a connection',
  )
  return true
}

/** Locks the tap folder. A folder that cannot be made or belongs to another user is not locked: the keeper refuses it with a message. */
async function lockTap(tapDir: string): Promise<boolean> {
  await makeFolders(tapDir, FOLDER_MODE).catch(() => {})
  const stat = await lstat(tapDir).catch(() => undefined)
  return stat?.isDirectory() && stat.uid === process.geteuid?.() ? await lock(tapDir, 'folder') : true
}
