import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder and what is missing above it; harmless if it is there. Node's own way never ends where a folder stands and
 * nothing can be made in it for ENOENT, as below /proc.
 *
 * @param mode of each folder that is made
 * @returns the first folder that was made; undefined if none had to be. Throws the operating system's error
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
    const there = await stat(path).catch(() => undefined)
    if (there?.isDirectory()) return undefined
    throw error
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code

/** Whether something above the path may be missing. */
const isMissing = (error: unknown, path: string): boolean =>
  codeOf(error) === 'ENOENT' && dirname(path) !== path

/** Somebody else has made it meanwhile. */
function unlessExists(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error
}
