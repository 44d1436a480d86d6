import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
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

/** @returns each needle that was found, as `name in file` */
export async function searchFiles(files: string[], needles: Needle[]): Promise<string[]> {
  const found: string[] = []
  for (const file of files) {
    for (const name of await namesIn(file, needles)) found.push(`${name} in ${file}`)
  }
  return found
}

async function namesIn(file: string, needles: Needle[]): Promise<Set<string>> {
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length)) - 1
  const names = new Set<string>()
  let tail: Buffer = Buffer.alloc(0)
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      const part = Buffer.concat([tail, chunk as Buffer])
      for (const { name, bytes } of needles) if (part.includes(bytes)) names.add(name)
      tail = part.subarray(Math.max(0, part.length - overlap))
    }
  } catch (error) {
    // The file was removed during the search.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return names
}
