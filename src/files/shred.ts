import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder, unlessAbsent } from './durable.js'

/** Overwrites a file's bytes where they stand, and syncs them. */
export async function overwrite(file: FileHandle): Promise<void> {
  const { size } = await file.stat()
  await file.write(randomBytes(size), 0, size, 0)
  await file.sync()
}

/**
 * Overwrites a file where it stands, then removes its name, both synced; harmless if it is not there. A second name of a
 * file that lives under its first one (a replacement that was cut off leaves it) is only removed.
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
