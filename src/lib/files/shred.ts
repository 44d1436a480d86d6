import { type FileHandle, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { unlessAbsent } from './durable.js'
import { overwrite, syncFolder } from './sync.js'

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
