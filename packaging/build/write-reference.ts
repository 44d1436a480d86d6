/** `npm run docs`: writes the lists and tables that follow from the code into the documents. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { groups } from '../../src/cli.js'
import { projectRoot } from '../../src/lib/process/project.js'
import { putBetweenMarkers, routeList, settingTables, verbList } from './reference.js'

/** A list or table of a document that follows from the code. */
export interface Reference {
  page: string
  /** Name of the markers between which it stands. */
  name: string
  make(): string | Promise<string>
}

export const references: readonly Reference[] = [
  { page: 'docs/commands.md', name: 'verbs', make: () => verbList(groups) },
  { page: 'docs/commands.md', name: 'routes', make: routeList },
  { page: 'docs/configure.md', name: 'settings', make: settingTables },
]

/** Writes each reference into its document. */
export async function main(): Promise<void> {
  for (const { page, name, make } of references) {
    const file = join(projectRoot(), page)
    writeFileSync(file, putBetweenMarkers(readFileSync(file, 'utf8'), name, await make()))
  }
}
