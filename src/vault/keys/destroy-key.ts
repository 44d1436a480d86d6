import { access } from 'node:fs/promises'
import { unlessAbsent } from '../../files/durable.js'
import { shred } from '../../files/shred.js'
import { shredFile } from '../remove-durably.js'
import { draftPaths } from './replace-key.js'

/**
 * Overwrites and unlinks a key file and the drafts that an interrupted `replaceKeyFile` left of it. A replacement that runs at
 * the same time sees the overwritten bytes and gives up.
 *
 * @throws the system's error; ENOENT if there is no key file
 */
export async function destroyKeyFile(path: string): Promise<void> {
  for (const draft of draftPaths(path)) {
    const exists = await unlessAbsent(
      access(draft).then(() => true),
      false,
    )
    if (exists) await shred(draft)
  }
  await shredFile(path)
}
