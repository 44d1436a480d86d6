import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { withInstallLock } from '../../../lab/tools/install-lock.js'
import { readAccess, saveAccess } from '../../../src/db/embedded/access.js'
import { startEmbedded } from '../../../src/db/embedded.js'
import { migrate } from '../../../src/db/migrate.js'
import { projectRoot } from '../../../src/process/project.js'
import { createLog } from '../../../src/shared/log.js'

const run = promisify(execFile)

/** What an embedded database is made from. A change there makes a new one. */
const SOURCES = ['package-lock.json', 'migrations', 'dist/src/db']
/** Folder of the database that is copied. */
const CACHE = join(projectRoot(), '.cache', 'database')

/**
 * Makes a folder for `startEmbedded` with an empty database of the current schema. It is a copy, passwords included: creating a
 * database takes more processor time than most tests.
 */
export async function prepareDatabase(dir: string): Promise<void> {
  const original = join(CACHE, await version())
  if (!existsSync(original)) {
    await mkdir(CACHE, { recursive: true })
    const make = async () => existsSync(original) || makeOriginal(original)
    await withInstallLock(join(CACHE, 'lock'), () => {}, make)
  }
  await run('cp', ['--recursive', '--preserve=mode', original, dir])
}

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
