import { chmod, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Removes a file, or a folder with all that is in it, also where folders are closed to their own owner, as the tap
 * folder is: for root that is no obstacle, for others they are opened first. What is not there is no error.
 */
export async function removeProtected(path: string): Promise<void> {
  await unlock(path)
  await rm(path, { recursive: true, force: true })
}

async function unlock(folder: string): Promise<void> {
  const entries = await chmod(folder, 0o700)
    .then(() => readdir(folder, { withFileTypes: true }))
    .catch(() => [])
  for (const entry of entries) if (entry.isDirectory()) await unlock(join(folder, entry.name))
}
