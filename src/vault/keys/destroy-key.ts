import { access } from 'node:fs/promises'
import { unlessAbsent } from '../../files/durable.js'
import { shred } from '../../files/shred.js'
import { shredFile } from '../remove-durably.js'
import { draftPaths } from './replace-key.js'

/**
 * Overwrites a key file and removes its name, and with it what a replacement that was cut off left of the same key. The file
 * is overwritten under whichever names it has: one that replaces it at this moment sees that, and gives up.
 *
 * @throws the operating system's errors; ENOENT if it was not there
 */
export async function destroyKeyFile(path: string): Promise<void> {
  for (const draft of draftPaths(path)) {
    const there = await unlessAbsent(
      access(draft).then(() => true),
      false,
    )
    if (there) await shred(draft)
  }
  await shredFile(path)
}
