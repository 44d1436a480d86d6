import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessAbsent } from '../../files/durable.js'

/** What a listing says of one name in a folder. */
interface Entry {
  name: string
  isDirectory(): boolean
}

/** A folder of ext4 in the root of each volume. Nobody but root can list it. */
const LOST_AND_FOUND = 'lost+found'

const listFolder = (folder: string): Promise<Entry[]> => readdir(folder, { withFileTypes: true })

/**
 * Lists a folder and all folders below it. The recursive `readdir` of Node looks at each entry on the main thread (Node 20), which a disk
 * that hangs would block, and with it all answers.
 *
 * @param list lists one folder
 * @throws the system's error; none for a folder below that is gone by now, as the work folder of a conversion may be
 */
export async function listBelow(folder: string, list = listFolder): Promise<void> {
  for (const entry of await list(folder)) {
    if (!entry.isDirectory() || entry.name === LOST_AND_FOUND) continue
    await unlessAbsent(listBelow(join(folder, entry.name), list), undefined)
  }
}
