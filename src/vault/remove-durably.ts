import { randomBytes } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isMissing, syncFolder } from '../lib/files/durable.js'
import { inParallel } from '../lib/lane.js'

/**
 * Files removed in parallel: enough for the disk to sync several together, and few enough that a disk that hangs blocks few
 * threads.
 */
const MAX_PARALLEL = 8

/** The outcome of `removeDurably`. Files in neither collection were removed. */
export interface RemovalResult {
  /** Paths at which there was no file. */
  absent: Set<string>
  /** Paths whose file still exists or may reappear after a crash, with the error. */
  failed: Map<string, unknown>
}

interface RemovalOptions {
  /** Removes one file, and throws ENOENT if it is missing. The default is `unlink`. */
  remove?: (path: string) => Promise<void>
  /** Rejects unless the right volume is mounted. Called before and after the removal. */
  checkVolume(): Promise<void>
}

/** Removes files and syncs each of their folders once. Never rejects. */
export async function removeDurably(
  paths: readonly string[],
  { remove = unlink, checkVolume }: RemovalOptions,
): Promise<RemovalResult> {
  const result: RemovalResult = { absent: new Set(), failed: new Map() }
  const failAll = (error: unknown) => {
    for (const path of paths) result.failed.set(path, error)
    result.absent.clear()
  }
  const mounted = await checkVolume().then(() => true, failAll)
  if (!mounted) return result
  await inParallel(paths, MAX_PARALLEL, async path => {
    await remove(path).catch(error => {
      if (isMissing(error)) result.absent.add(path)
      else result.failed.set(path, error)
    })
  })
  // Sync even if no file was found: a process that removed it earlier may have ended before its sync.
  await inParallel(new Set(paths.map(dirname)), MAX_PARALLEL, async folder => {
    await syncFolder(folder).catch(error => {
      if (isMissing(error)) return
      for (const path of paths) if (dirname(path) === folder) result.failed.set(path, error)
    })
  })
  await checkVolume().catch(failAll)
  return result
}

/**
 * Overwrites a file in place, syncs it and unlinks it. `datasync` is enough, because the file's size and blocks stay the same.
 *
 * @throws the system's error, ENOENT if there is no file
 */
export async function shredFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    await file.write(randomBytes(size), 0, size, 0)
    await file.datasync()
  } finally {
    await file.close()
  }
  await unlink(path)
}
