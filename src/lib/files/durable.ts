import { randomUUID } from 'node:crypto'
import { chmod, type FileHandle, open, realpath, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../../core/errors.js'
import { makeFolders } from './make-folders.js'
import { replaceSecretFile } from './secret-file.js'
import { overwrite, syncFolder } from './sync.js'

/**
 * Files and folders that survive a crash: durable and atomic writes, locks, secret files, overwriting and drafts. Only what any room
 * needs is here. The vault decides where recordings and keys are stored.
 */

export { syncFolder }

/** Modes of folders and files that only the user of the service may read. */
export const FOLDER_MODE = 0o700
export const FILE_MODE = 0o600
/** Mode bits that a replaced secret file keeps: the owner may read and write, the group may read. */
const SECRET_MODE_MASK = 0o640

/** Makes a folder and its missing parents, each durable and with mode 0700. Does nothing if it exists. @throws the system's error */
export async function makeDurableFolder(path: string): Promise<void> {
  const first = await makeFolders(path, FOLDER_MODE)
  if (!first) return
  for (let made = path; ; made = dirname(made)) {
    // With an unusual umask, the service could not enter its own folder.
    await chmod(made, FOLDER_MODE)
    await syncFolder(dirname(made))
    if (made === first) return
  }
}

/** Resolves if a small file in the folder can be written, synced and removed. @throws the system's error */
export async function checkFolderWritable(path: string): Promise<void> {
  const name = join(path, `.writable-${randomUUID()}`)
  const file = await open(name, 'wx', FILE_MODE)
  try {
    await file.writeFile('writable')
    await file.datasync()
  } finally {
    await file.close()
    await rm(name)
  }
}

/** Returns the code of a system error, such as `ENOENT`; undefined for other errors. */
export const systemCode = (error: unknown): string | undefined =>
  (error as NodeJS.ErrnoException | null)?.code

/** Whether the error means that the disk or the quota of the user is full. */
export const isFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '')

/** Whether the error means that there is no such file. */
export const isMissing = (error: unknown): boolean =>
  // ENOTDIR: a parent of the path is not a folder, so the file does not exist either.
  ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')

/** Returns the result of `work`, or `absent` if there is no such file. @throws other errors of `work` */
export async function unlessAbsent<T>(work: Promise<T>, absent: T): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (isMissing(error)) return absent
    throw error
  }
}

/**
 * Makes a new file with durable content and mode 0600. Its name is durable only after the folder is synced.
 *
 * @returns the open file, which the caller closes
 * @throws the system's error, `EEXIST` if there is a file
 */
export async function writeSynced(path: string, bytes: Buffer): Promise<FileHandle> {
  const file = await open(path, 'wx', FILE_MODE)
  try {
    await file.writeFile(bytes)
    await file.sync()
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/**
 * Makes the error for a file or folder that cannot be used.
 *
 * @param what names the file or folder in the message
 * @param cause an AppError is returned as it is
 * @returns AppError `store.unwritable`
 */
export const unwritable = (what: string, cause: unknown): AppError =>
  cause instanceof AppError
    ? cause
    : new AppError('store.unwritable', `${what}: ${systemCode(cause) ?? 'failed'}`, {
        retryable: true,
        cause,
      })

/**
 * Replaces the content of an existing file atomically and durably. A symbolic link stays. The mode stays, and the owner stays as
 * far as the system allows.
 *
 * @param secret removes the access of all but owner and group, and overwrites the old bytes unless the file has another name
 * @throws AppError `store.unwritable`, also if there is no file
 */
export async function replaceFile(path: string, content: string, secret: boolean): Promise<void> {
  try {
    const target = await realpath(path)
    const former = await open(target, 'r+')
    try {
      const { mode, uid, gid } = await former.stat()
      await replaceSecretFile(target, content, { uid, gid, mode: secret ? mode & SECRET_MODE_MASK : mode })
      if (!secret || (await former.stat()).nlink > 0) return
      await overwrite(former)
    } finally {
      await former.close()
    }
  } catch (error) {
    throw unwritable(path, error)
  }
}

/**
 * Overwrites a file in place, then unlinks it, and syncs both. Does nothing if there is no file. If the file has another name, as
 * after an interrupted replacement, only this name is removed.
 *
 * @throws the system's error
 */
export async function shred(path: string): Promise<void> {
  const file = await unlessAbsent<FileHandle | undefined>(open(path, 'r+'), undefined)
  if (!file) return
  try {
    const { nlink } = await file.stat()
    if (nlink <= 1) await overwrite(file)
  } finally {
    await file.close()
  }
  await rm(path, { force: true })
  await syncFolder(dirname(path))
}

/** Node runs `stat` on a thread. The root's inode is always in memory, so `stat` needs no disk that could hang. */
export const statRoot = (): Promise<unknown> => stat('/')
