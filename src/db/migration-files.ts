import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Migration, type MigrationProvider, sql } from 'kysely'

/** `001.schema.sql`: three digits for the order, then the subject. */
const FILE_NAME = /^\d{3}\.[a-z-]+\.sql$/

/** The folder of SQL files. It is found from this module upwards, because compiled code lies deeper than the source. */
export function migrationDir(): string {
  let dir = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(dir, 'package.json'))) dir = dirname(dir)
  return join(dir, 'migrations')
}

/** Names of the SQL files, in the order of their numbers. */
export const migrationNames = async (dir: string): Promise<string[]> =>
  (await readdir(dir)).filter(name => FILE_NAME.test(name)).sort()

/** Gives Kysely the SQL files as migrations, in the order of their numbers. There are no down migrations. */
export const migrationProvider = (dir: string): MigrationProvider => ({
  async getMigrations() {
    const names = await migrationNames(dir)
    const texts = await Promise.all(names.map(name => readFile(join(dir, name), 'utf8')))
    return Object.fromEntries(names.map((name, index) => [name, toMigration(texts[index]!)]))
  },
})

const toMigration = (text: string): Migration => ({
  up: async db => void (await sql.raw(text).execute(db)),
})
