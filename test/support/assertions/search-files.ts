import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

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
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length)) - 1
  // One for all files: most are small, and a megabyte for each would keep the garbage collector at work.
  const window = Buffer.allocUnsafe(overlap + CHUNK)
  const found: string[] = []
  for (const file of files) {
    for (const name of await namesIn(file, needles, window)) found.push(`${name} in ${file}`)
  }
  return found
}

/** @param window a chunk, and room before it for the end of the one before, in which a needle may begin */
async function namesIn(file: string, needles: Needle[], window: Buffer): Promise<Set<string>> {
  const names = new Set<string>()
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    // The file was removed during the search.
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  if (!handle) return names
  try {
    let kept = 0
    for (;;) {
      const { bytesRead } = await handle.read(window, kept, CHUNK, null)
      if (bytesRead === 0) return names
      const part = window.subarray(0, kept + bytesRead)
      for (const { name, bytes } of needles) if (part.includes(bytes)) names.add(name)
      kept = Math.min(part.length, window.length - CHUNK)
      part.copyWithin(0, part.length - kept)
    }
  } finally {
    await handle.close()
  }
}
