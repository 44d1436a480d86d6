import { chmod, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Removes a file, or a folder with its content. Folders without permissions for their owner, such as the tap folder,
 * are opened first. A missing path is no error.
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
