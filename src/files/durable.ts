import { randomBytes, randomUUID } from 'node:crypto'
import { chmod, type FileHandle, open, realpath, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../shared/errors.js'
import { makeFolders } from './make-folders.js'
import { replaceSecretFile } from './secret-file.js'
import { syncFolder } from './sync.js'

export { syncFolder }

/** Nobody but the service's user reads what the vault keeps. */
export const FOLDER_MODE = 0o700
export const FILE_MODE = 0o600
/** Mode bits that a replaced secret file may keep: its group may read it, others may not. */
const SECRET_MODE_MASK = 0o640

/** Creates a folder and what is missing above it, each 0700 and durable; harmless if it is there. */
export async function makeDurableFolder(path: string): Promise<void> {
  const first = await makeFolders(path, FOLDER_MODE)
  if (!first) return
  for (let made = path; ; made = dirname(made)) {
    // An odd umask must not leave a folder that its own service cannot enter.
    await chmod(made, FOLDER_MODE)
    await syncFolder(dirname(made))
    if (made === first) return
  }
}

/** Makes a small file in a folder, has it on the disk, and removes it. Throws the operating system's error. */
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

/** The code of an error of the operating system, such as `ENOENT`. */
export const systemCode = (error: unknown): string | undefined =>
  (error as NodeJS.ErrnoException | null)?.code

/** Whether the disk is full, or what the user may have of it. */
export const isFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '')

/** Whether there is no such file. */
export const isMissing = (error: unknown): boolean =>
  // ENOTDIR: something else stands where a folder should be, so there is no such file either.
  ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')

/** What `work` gives, or `absent` where there is no such file. */
export async function unlessAbsent<T>(work: Promise<T>, absent: T): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (isMissing(error)) return absent
    throw error
  }
}

/**
 * Makes a new file whose content is durable; its name is so only once the folder is synced.
 *
 * @returns the file, open; the caller closes it
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

/** What the vault throws when a folder or file does not take what it should; a cause that tells by itself stays as it is. */
export const unwritable = (what: string, cause: unknown): AppError =>
  cause instanceof AppError
    ? cause
    : new AppError('store.unwritable', `${what}: ${systemCode(cause) ?? 'failed'}`, {
        retryable: true,
        cause,
      })

/**
 * Replaces what a file holds, atomically and durably; a symbolic link stays one. Mode and, as far as allowed, owner stay.
 *
 * @param secret others than owner and group lose their access, and the former bytes are overwritten, unless the file has another
 *   name that still needs them
 * @throws AppError `store.unwritable`
 */
export async function replaceFile(path: string, content: string, secret: boolean): Promise<void> {
  try {
    const target = await realpath(path)
    const former = await open(target, 'r+')
    try {
      const { mode, uid, gid, size } = await former.stat()
      await replaceSecretFile(target, content, { uid, gid, mode: secret ? mode & SECRET_MODE_MASK : mode })
      if (!secret || (await former.stat()).nlink > 0) return
      await former.write(randomBytes(size), 0, size, 0)
      await former.sync()
    } finally {
      await former.close()
    }
  } catch (error) {
    throw unwritable(path, error)
  }
}
