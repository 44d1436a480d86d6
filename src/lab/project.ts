import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of package.json, wherever the compiled code stands below it. */
export function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}

/** A file of the compiled source tree, by its path there without extension: `compiled('cli')`. */
export const compiled = (path: string): string => fileURLToPath(new URL(`../${path}.js`, import.meta.url))
