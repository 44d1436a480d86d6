// Real: PostgreSQL, the schema, the text of `tables.ts`. Fake: nothing.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'
import { testDatabase } from '../../support/processes/database.js'

/** Tables that the code reads and writes only in its own SQL. */
const OWN_SQL = /^(kysely_|log_witness$|installation$|node$)/

const source = readFileSync(join(projectRoot(), 'src/db/tables.ts'), 'utf8')

/** The members of an interface in `tables.ts`, by name, with their types. */
const membersOf = (name: string): Map<string, string> => {
  const body = new RegExp(`^(?:export )?interface ${name} \\{\n([\\s\\S]*?)^\\}`, 'm').exec(source)?.[1] ?? ''
  return new Map([...body.matchAll(/^ {2}(\w+): (.*)$/gm)].map(([, member, type]) => [member!, type!]))
}

t.test('the declared tables and columns are those of the database, and so is what may be null', async t => {
  const { asOwner } = await testDatabase(t)
  const { rows } = await asOwner.query<{ name: string; column: string; nullable: boolean }>(`
    select table_name as name, column_name as column, is_nullable = 'YES' as nullable
    from information_schema.columns where table_schema = 'public' order by table_name, ordinal_position`)
  const told = rows
    .filter(({ name }) => !OWN_SQL.test(name))
    .map(({ name, column, nullable }) => `${name}.${column}${nullable ? ' or null' : ''}`)
  const declared = [...membersOf('Tables')].flatMap(([table, type]) =>
    [...membersOf(type)].map(([column, of]) => `${table}.${column}${/\| null\b/.test(of) ? ' or null' : ''}`),
  )
  t.ok(declared.length > 200, `${declared.length} columns`)
  t.strictSame(declared.sort(), told.sort())
})
