import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Lists the files below a folder, sorted by their paths. Links are left out: a package must not depend on what they point to.
 *
 * @param enters whether a folder is entered, by its name
 * @returns paths from the folder
 */
export function filesBelow(folder: string, enters = (_name: string) => true): string[] {
  const files: string[] = []
  const walk = (below: string): void => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isFile()) files.push(path)
      else if (entry.isDirectory() && enters(entry.name)) walk(path)
    }
  }
  walk('')
  return files.sort((a, b) => (a < b ? -1 : 1))
}
