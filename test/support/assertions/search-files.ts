import { closeSync, openSync, readSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { NeedleTable } from './needle-table.js'

/** @returns every regular file below a folder, also behind links. Files may appear and disappear during the search. */
export async function listFilesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const found = await Promise.all(
    entries.map(async entry => {
      const path = join(folder, entry.name)
      const target = entry.isSymbolicLink() ? await stat(path).catch(() => entry) : entry
      if (target.isDirectory()) return listFilesBelow(path)
      return target.isFile() ? [path] : []
    }),
  )
  return found.flat()
}

/** Bytes to search for, at any offset. */
export interface Needle {
  name: string
  bytes: Buffer
}

/** How much is read at once, bytes. */
const CHUNK = 1 << 20

/** @returns each needle that was found, as `name in file` */
export async function searchFiles(files: string[], needles: Needle[]): Promise<string[]> {
  const table = new NeedleTable(needles)
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length)) - 1
  // One for all files: most are small, and a megabyte for each would keep the garbage collector at work.
  const window = Buffer.allocUnsafe(overlap + CHUNK)
  const found: string[] = []
  for (const file of new Set(files)) {
    for (const name of namesIn(file, table, window)) found.push(`${name} in ${file}`)
    await nextTurn()
  }
  return found
}

/**
 * Reads without waiting: of a thousand small files, the waits would take more of the processor than the search.
 *
 * @param window a chunk, and room before it for the end of the one before, in which a needle may begin
 */
function namesIn(file: string, table: NeedleTable, window: Buffer): Set<string> {
  const names = new Set<string>()
  const fd = openIfThere(file)
  if (fd === undefined) return names
  try {
    let kept = 0
    for (;;) {
      const bytesRead = readSync(fd, window, kept, CHUNK, null)
      if (bytesRead === 0) return names
      const part = window.subarray(0, kept + bytesRead)
      table.findIn(part, names)
      kept = Math.min(part.length, window.length - CHUNK)
      part.copyWithin(0, part.length - kept)
    }
  } finally {
    closeSync(fd)
  }
}

/** @returns undefined if the file was removed during the search */
function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
