import { randomBytes } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isAbsence, syncFolder } from '../files/durable.js'
import { inParallel } from '../shared/in-parallel.js'

/**
 * Files worked on at once: enough that the disk syncs several together, and few enough that a disk that hangs keeps few
 * threads.
 */
const MAX_PARALLEL = 8

/** What became of files that were to go. */
export interface RemovalResult {
  /** Were not there. */
  absent: Set<string>
  /** Are, or may come back, with the reason. */
  failed: Map<string, unknown>
}

interface RemovalOptions {
  /** Takes one file away; ENOENT says that it was not there. Plain unlinking if not given. */
  remove?: (path: string) => Promise<void>
  /** Rejects unless the files would be there, if they were anywhere: asked before and after. */
  checkVolume(): Promise<void>
}

/** Removes files, then makes that durable, each folder once. */
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
      if (isAbsence(error)) result.absent.add(path)
      else result.failed.set(path, error)
    })
  })
  // Also where nothing was there: whoever took it away may not have come to this.
  await inParallel(new Set(paths.map(dirname)), MAX_PARALLEL, async folder => {
    await syncFolder(folder).catch(error => {
      if (isAbsence(error)) return
      for (const path of paths) if (dirname(path) === folder) result.failed.set(path, error)
    })
  })
  await checkVolume().catch(failAll)
  return result
}

/**
 * Overwrites a file where it stands, makes that durable and takes its name away. A data sync is enough: the file keeps its size
 * and its blocks, so there is nothing else to write.
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
