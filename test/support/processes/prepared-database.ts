import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { withInstallLock } from '../../../lab/tools/install-lock.js'
import { readAccess, saveAccess } from '../../../src/db/embedded/access.js'
import { startEmbedded } from '../../../src/db/embedded.js'
import { migrate } from '../../../src/db/migrate.js'
import { projectRoot } from '../../../src/process/project.js'
import { createLog } from '../../../src/shared/log.js'
import { makeMemoryFolder } from './memory-folder.js'

const run = promisify(execFile)

/** What an embedded database is made from. A change there makes a new one. */
const SOURCES = ['package-lock.json', 'migrations', 'dist/src/db']
/** Folder of the database that is copied. */
const CACHE = join(projectRoot(), '.cache', 'database')

/**
 * Makes a folder for `startEmbedded` with an empty database of the current schema. It is a copy, passwords included: creating a
 * database takes more processor time than most tests.
 *
 * The cluster is kept in memory, and the folder has a link to it. It has 1,500 files. After so many files were removed, ext4 searches
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
  const copy = (name: string, to: string) =>
    run('cp', ['--recursive', '--preserve=mode', join(original, name), join(to, name)])
  const memory = await makeMemoryFolder()
  const names = await readdir(original)
  await Promise.all(names.map(name => copy(name, name === CLUSTER ? memory : dir)))
  await symlink(join(memory, CLUSTER), join(dir, CLUSTER))
}

/** The folder of PostgreSQL's files. */
const CLUSTER = 'cluster'

async function version(): Promise<string> {
  const hash = createHash('sha256')
  for (const origin of SOURCES.map(path => join(projectRoot(), path))) {
    const below = await readdir(origin, { recursive: true, withFileTypes: true }).catch(() => [])
    const files = below.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
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
  await migrate(server.adminUrl, { service: 'consentry', console: 'consentry_console' }).finally(() =>
    server.stop(),
  )
  // Copies that start at the same time must not use the same port.
  await saveAccess(making, { ...(await readAccess(making)), port: null })
  await rename(making, original)
}
