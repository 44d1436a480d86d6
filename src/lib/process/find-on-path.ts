import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { childEnv, USUAL_PATH } from './child-env.js'

/**
 * Finds a program.
 *
 * @param name its path, or a name to search on the PATH
 * @returns its path; undefined if no program is found that we may run
 */
export async function findOnPath(name: string): Promise<string | undefined> {
  const folders = (childEnv()['PATH'] ?? USUAL_PATH).split(delimiter).filter(folder => folder !== '')
  for (const path of name.includes('/') ? [name] : folders.map(folder => join(folder, name))) {
    const isProgram = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isProgram) return path
  }
  return undefined
}
