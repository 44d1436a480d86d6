import { chmod, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError } from '../shared/errors.js'

/** Nobody but the service's user reads what the vault keeps. */
export const FOLDER_MODE = 0o700
export const FILE_MODE = 0o600

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Creates a folder and what is missing above it, each 0700 and durable; harmless if it is there. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: FOLDER_MODE })
  if (!first) return
  for (let made = path; ; made = dirname(made)) {
    // An odd umask must not leave a folder that its own service cannot enter.
    await chmod(made, FOLDER_MODE)
    await syncFolder(dirname(made))
    if (made === first) return
  }
}

/** The code of an error of the operating system, such as `ENOENT`. */
export const systemCode = (error: unknown): string | undefined =>
  (error as NodeJS.ErrnoException | null)?.code

/** What the vault throws when a folder or file does not take what it should. */
export const unwritable = (what: string, cause: unknown): AppError =>
  new AppError('store.unwritable', `${what}: ${systemCode(cause) ?? 'failed'}`, { retryable: true, cause })
