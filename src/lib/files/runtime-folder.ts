import { lstat, mkdir } from 'node:fs/promises'

/** Folder that a package or the operator can prepare for the service. */
const PREPARED = '/run/consentry'

/**
 * Finds or makes a folder in memory to which only the user of this process can write. It is for files that belong to no
 * data folder. Root's folder is in /run, where no other user can take its name.
 *
 * @returns its path; undefined without such a folder, for example because another user has taken the name
 */
export async function runtimeFolder(): Promise<string | undefined> {
  if (await isPrivate(PREPARED)) return PREPARED
  const own = `consentry-${process.geteuid?.()}`
  for (const folder of [`/run/${own}`, `/dev/shm/${own}`]) {
    await mkdir(folder, { mode: 0o700 }).catch(() => {})
    if (await isPrivate(folder)) return folder
  }
  return undefined
}

/** Whether the path is a folder of our user, not a symbolic link, to which no other user can write. */
async function isPrivate(folder: string): Promise<boolean> {
  const stat = await lstat(folder).catch(() => undefined)
  return stat?.isDirectory() === true && stat.uid === process.geteuid?.() && (stat.mode & 0o022) === 0
}
