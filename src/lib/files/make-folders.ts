import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder and its missing parents. Does nothing if it exists. The recursive `mkdir` of Node never ends where a folder
 * exists but refuses new folders with ENOENT, as below /proc.
 *
 * @param mode mode of each new folder
 * @returns the topmost folder that was made; undefined if none was
 * @throws the system's error
 */
export async function makeFolders(path: string, mode?: number): Promise<string | undefined> {
  try {
    await mkdir(path, mode)
    return path
  } catch (error) {
    if (isMissing(error, path)) {
      const first = await makeFolders(dirname(path), mode)
      await mkdir(path, mode).catch(unlessExists)
      return first ?? path
    }
    const existing = await stat(path).catch(() => undefined)
    if (existing?.isDirectory()) return undefined
    throw error
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code

/** Whether a parent of the path may be missing. */
const isMissing = (error: unknown, path: string): boolean =>
  codeOf(error) === 'ENOENT' && dirname(path) !== path

/** Ignores that another process has made the folder meanwhile. */
function unlessExists(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error
}
