import { lstat, mkdir } from 'node:fs/promises'

/** Folder that a package or the operator may have made for the service. */
const PREPARED = '/run/consentry'

/**
 * Finds or makes a folder in memory that only the service's user can write to, for files that belong to no data folder.
 *
 * @returns its path; undefined if there is none, for example because another user took the name
 */
export async function runtimeFolder(): Promise<string | undefined> {
  if (await isPrivate(PREPARED)) return PREPARED
  const own = `/dev/shm/consentry-${process.geteuid?.()}`
  await mkdir(own, { mode: 0o700 }).catch(() => {})
  return (await isPrivate(own)) ? own : undefined
}

/** Whether it is a folder of our own, no symbolic link, that nobody else can write to. */
async function isPrivate(folder: string): Promise<boolean> {
  const stat = await lstat(folder).catch(() => undefined)
  return stat?.isDirectory() === true && stat.uid === process.geteuid?.() && (stat.mode & 0o022) === 0
}
