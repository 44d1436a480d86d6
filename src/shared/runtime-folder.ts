import { lstat, mkdir } from 'node:fs/promises'

/** Where a package or the operator has made a folder for the service. */
const MADE = '/run/consentry'

/**
 * A folder in memory for what belongs to the user of the service and to no data folder: one that nobody else may write to.
 *
 * @returns undefined where there is none, because another user took its name, for one
 */
export async function runtimeFolder(): Promise<string | undefined> {
  if (await isClosed(MADE)) return MADE
  const own = `/dev/shm/consentry-${process.geteuid?.()}`
  await mkdir(own, { mode: 0o700 }).catch(() => {})
  return (await isClosed(own)) ? own : undefined
}

/** Whether it is a folder of our own, no symbolic link, in which nobody else makes or removes anything. */
async function isClosed(folder: string): Promise<boolean> {
  const stat = await lstat(folder).catch(() => undefined)
  return stat?.isDirectory() === true && stat.uid === process.geteuid?.() && (stat.mode & 0o022) === 0
}
