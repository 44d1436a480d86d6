import { randomBytes } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isAbsence, syncFolder } from '../files/durable.js'
import { inParallel } from '../shared/lane.js'

/**
 * Files worked on at once: enough that the disk syncs several together, and few enough that a disk that hangs keeps few
 * threads.
 */
const WIDTH = 8

/** What became of files that were to go. */
export interface Gone {
  /** Were not there. */
  absent: Set<string>
  /** Are, or may come back, with the reason. */
  failed: Map<string, unknown>
}

interface Removing {
  /** Takes one file away; ENOENT says that it was not there. Plain unlinking if not given. */
  remove?: (path: string) => Promise<void>
  /** Rejects unless the files would be there, if they were anywhere: asked before and after. */
  there(): Promise<void>
}

/** Removes files, then makes that durable, each folder once. */
export async function removeDurably(
  paths: readonly string[],
  { remove = unlink, there }: Removing,
): Promise<Gone> {
  const gone: Gone = { absent: new Set(), failed: new Map() }
  const allFail = (error: unknown) => {
    for (const path of paths) gone.failed.set(path, error)
    gone.absent.clear()
  }
  const sure = await there().then(() => true, allFail)
  if (!sure) return gone
  await inParallel(paths, WIDTH, async path => {
    await remove(path).catch(error => {
      if (isAbsence(error)) gone.absent.add(path)
      else gone.failed.set(path, error)
    })
  })
  // Also where nothing was there: whoever took it away may not have come to this.
  await inParallel(new Set(paths.map(dirname)), WIDTH, async folder => {
    await syncFolder(folder).catch(error => {
      if (isAbsence(error)) return
      for (const path of paths) if (dirname(path) === folder) gone.failed.set(path, error)
    })
  })
  await there().catch(allFail)
  return gone
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
