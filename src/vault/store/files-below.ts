import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessAbsent } from '../../files/durable.js'
import { isFolderName } from './object-name.js'

/** What a listing says of one name in a folder. */
interface Entry {
  name: string
  isDirectory(): boolean
  isFile(): boolean
}

type ListFolder = (folder: string) => Promise<AsyncIterable<Entry>>

/**
 * Yields the files of a folder and of those of its subfolders that may hold objects. Others are left alone: the `lost+found` of a
 * volume can be read by nobody but root. Node's recursive `opendir` ends each folder after 32 entries (Node 20).
 *
 * @param list lists one folder
 * @throws the system's error; none for a folder that is gone
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
