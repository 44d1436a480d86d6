import { statfs } from 'node:fs/promises'

/** Type of a file system in memory (statfs(2)). */
const TMPFS = 0x01021994

/** Whether a folder is in memory. True if the system does not report it. */
export async function inMemory(folder: string): Promise<boolean> {
  const { type } = await statfs(folder).catch(() => ({ type: TMPFS }))
  return type === TMPFS
}
