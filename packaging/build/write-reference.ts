/** `npm run docs`: writes the tables of verbs and routes into the documents. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { groups } from '../../src/cli.js'
import { projectRoot } from '../../src/lib/process/project.js'
import { putBetweenMarkers, routeTable, verbTables } from './reference.js'

/** The documents with a table of the code, each with its table. */
export const references = {
  'docs/commands.md': () => verbTables(groups),
  'docs/api.md': routeTable,
}

/** Writes the table of each document anew. */
export async function main(): Promise<void> {
  for (const [path, makeTable] of Object.entries(references)) {
    const file = join(projectRoot(), path)
    writeFileSync(file, putBetweenMarkers(readFileSync(file, 'utf8'), await makeTable()))
  }
}
