import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { withInstallLock } from '../../../lab/tools/install-lock.js'
import { type Connection, connect } from '../../../src/db/connection.js'
import { readAccess, saveAccess } from '../../../src/db/embedded/access.js'
import { CONSOLE_ROLE, DATABASE, OWNER_ROLE, SERVICE_ROLE } from '../../../src/db/embedded/cluster.js'
import { startEmbedded } from '../../../src/db/embedded.js'
import { migrate } from '../../../src/db/migrate.js'
import { createLog } from '../../../src/lib/log.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { makeMemoryFolder } from './memory-folder.js'

const run = promisify(execFile)

/** What an embedded database is made from. A change there makes a new one. */
const SOURCES = [
  'package-lock.json',
  'migrations',
  'dist/src/db',
  'dist/test/support/processes/prepared-database.js',
]
/** Folder of the database that is copied. */
const CACHE = join(projectRoot(), '.cache', 'database')

/**
 * Makes a folder for `startEmbedded` with an empty database of the current schema. It is a copy, passwords included: creating a
 * database takes more processor time than most tests.
 *
 * The cluster is kept in memory, and the folder has a link to it. It has 900 files. After so many files were removed, ext4 searches
 * long for a place for each new one, so that a copy on disk would take twenty times the processor time.
 */
export async function prepareDatabase(dir: string): Promise<void> {
  const original = join(CACHE, await version())
  if (!existsSync(original)) {
    await mkdir(CACHE, { recursive: true })
    const make = async () => existsSync(original) || makeOriginal(original)
    await withInstallLock(join(CACHE, 'lock'), () => {}, make)
  }
  await mkdir(dir, { mode: 0o700 })
  const memory = await makeMemoryFolder()
  const files = (await readdir(original)).filter(name => name !== CLUSTER)
  await Promise.all([
    run('cp', ['--recursive', '--preserve=mode', join(original, CLUSTER), join(memory, CLUSTER)]),
    ...files.map(name => copyFile(join(original, name), join(dir, name))),
  ])
  await symlink(join(memory, CLUSTER), join(dir, CLUSTER))
}

/** The folder of PostgreSQL's files. */
const CLUSTER = 'cluster'

async function version(): Promise<string> {
  const hash = createHash('sha256')
  for (const origin of SOURCES.map(path => join(projectRoot(), path))) {
    const below = await readdir(origin, { recursive: true, withFileTypes: true }).catch(() => [])
    const files = below
      .filter(entry => entry.isFile() && !entry.name.endsWith('.map'))
      .map(entry => join(entry.parentPath, entry.name))
    for (const file of files.length > 0 ? files.sort() : [origin]) hash.update(await readFile(file))
  }
  return hash.digest('hex').slice(0, 16)
}

async function makeOriginal(original: string): Promise<void> {
  for (const former of await readdir(CACHE)) {
    if (former !== 'lock') await rm(join(CACHE, former), { recursive: true, force: true })
  }
  const making = await mkdtemp(join(CACHE, 'new-'))
  const server = await startEmbedded({ dir: making, log: createLog('silent') })
  try {
    await migrate(server.adminUrl, { service: SERVICE_ROLE, console: CONSOLE_ROLE })
    // Most tests put lines with the shipped prompts into force. Those of the company's name say that it is no trial.
    await sayTrial(server.adminUrl)
    await makeCheap(making, server.adminUrl)
  } finally {
    await server.stop()
  }
  // Copies that start at the same time must not use the same port.
  await saveAccess(making, { ...(await readAccess(making)), port: null })
  await rename(making, original)
}

async function sayTrial(adminUrl: string): Promise<void> {
  const connection = await connect(adminUrl, 'test')
  await connection.query('update installation set trial = true').finally(() => connection.close())
}

/** The roles that connect, by the name of their password. */
const ROLES = {
  postgres: 'postgres',
  owner: OWNER_ROLE,
  service: SERVICE_ROLE,
  console: CONSOLE_ROLE,
} as const

/**
 * Makes an original cheap to copy and to work with: what is done here, no copy does again.
 *
 * @param dir its folder, as given to `startEmbedded`
 */
async function makeCheap(dir: string, adminUrl: string): Promise<void> {
  const { passwords } = await readAccess(dir)
  const within = async (database: string, work: (connection: Connection) => Promise<void>) => {
    const url = new URL(adminUrl)
    url.username = ROLES.postgres
    url.password = passwords.postgres
    url.pathname = database
    const connection = await connect(url.href, 'test')
    await work(connection).finally(() => connection.close())
  }
  await within('postgres', async server => {
    // No test makes a database from these. They have two fifths of the files.
    for (const name of ['template0', 'template1']) {
      await server.query(`alter database ${name} with is_template false`)
      await server.query(`drop database ${name}`)
    }
    // So many times a client hashes the password for each connection. It slows down who guesses, and nobody guesses 192 random bits.
    await server.query('set scram_iterations = 1')
    for (const name of Object.keys(ROLES) as (keyof typeof ROLES)[])
      await server.query(`alter role ${ROLES[name]} password '${passwords[name]}'`)
  })
  for (const database of ['postgres', DATABASE]) {
    // Otherwise each copy marks the rows of its catalogues as committed when they are first read, and logs these pages. The tables of
    // the service stay as a new installation has them: PostgreSQL plans otherwise for a table that was vacuumed.
    await within(database, async connection => {
      const { rows } = await connection.query<{ name: string }>(
        `select relname as name from pg_class where relnamespace = 'pg_catalog'::regnamespace and relkind = 'r'`,
      )
      await connection.query(`vacuum (freeze) ${rows.map(({ name }) => name).join(', ')}`)
    })
    // Who connects first leaves a summary of the catalogues for all others.
    await within(database, async () => {})
  }
}
