import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessAbsent } from '../../lib/files/durable.js'

/** One name in a listing of a folder. */
interface Entry {
  name: string
  isDirectory(): boolean
}

/** A folder of ext4 in the root of each volume. Only root can list it. */
const LOST_AND_FOUND = 'lost+found'

const listFolder = (folder: string): Promise<Entry[]> => readdir(folder, { withFileTypes: true })

/**
 * Lists a folder and all folders below it. Node's recursive `readdir` checks each entry on the main thread (Node 20); a
 * hanging disk would block it, and with it all answers.
 *
 * @param list lists one folder
 * @throws the system's error; ignores a folder below that was removed meanwhile, such as the work folder of a
 *   conversion
 */
export async function listBelow(folder: string, list = listFolder): Promise<void> {
  for (const entry of await list(folder)) {
    if (!entry.isDirectory() || entry.name === LOST_AND_FOUND) continue
    await unlessAbsent(listBelow(join(folder, entry.name), list), undefined)
  }
}
