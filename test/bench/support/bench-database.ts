import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedServer, startEmbedded } from '../../../src/db/embedded.js'
import { migrate } from '../../../src/db/migrate.js'
import { createLog } from '../../../src/lib/log.js'

/** The log of benchmarks: warnings only. */
export const log = createLog('warn')

/** A real PostgreSQL with the current schema, and a temporary folder. */
export interface BenchDatabase {
  server: EmbeddedServer
  dir: string
  /** Folder of the database, below `dir`. */
  databaseDir: string
}

/** Runs `work` with a new database and a temporary folder, and removes both. */
export async function withBenchDatabase<T>(work: (database: BenchDatabase) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'consentry-bench-'))
  const databaseDir = join(dir, 'db')
  try {
    const server = await startEmbedded({ dir: databaseDir, log })
    try {
      await migrate(server.adminUrl, { service: 'consentry' })
      return await work({ server, dir, databaseDir })
    } finally {
      await server.stop()
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** The URL of the superuser of an embedded server. @param dir folder of the database @param adminUrl URL of its owner */
export async function superuserUrl(dir: string, adminUrl: string): Promise<string> {
  const { passwords } = JSON.parse(await readFile(join(dir, 'access.json'), 'utf8'))
  const url = new URL(adminUrl)
  url.username = 'postgres'
  url.password = passwords.postgres
  return url.href
}
