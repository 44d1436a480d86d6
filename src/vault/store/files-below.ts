import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessAbsent } from '../../lib/files/durable.js'
import { isFolderName } from './object-name.js'

/** One name in a listing of a folder. */
interface Entry {
  name: string
  isDirectory(): boolean
  isFile(): boolean
}

type ListFolder = (folder: string) => Promise<AsyncIterable<Entry>>

/**
 * Yields the files of a folder and of its subfolders that may hold objects. Other subfolders are skipped: only root can
 * read the `lost+found` of a volume. Node's recursive `opendir` ends each folder after 32 entries (Node 20).
 *
 * @param list lists one folder
 * @throws the system's error; ignores a folder that was removed
 */
export async function* filesBelow(folder: string, list: ListFolder = opendir): AsyncGenerator<string> {
  const entries = await unlessAbsent<AsyncIterable<Entry> | undefined>(list(folder), undefined)
  for await (const entry of entries ?? []) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (isFolderName(entry.name)) yield* filesBelow(path, list)
    } else if (entry.isFile()) yield path
  }
}
