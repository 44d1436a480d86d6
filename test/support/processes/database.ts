import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type Connection, connect } from '../../../src/db/connection.js'
import { type Database, openDatabase } from '../../../src/db/database.js'
import { type EmbeddedServer, startEmbedded } from '../../../src/db/embedded.js'
import { createLog } from '../../../src/shared/log.js'
import { CONNECTION_LIMIT_MS } from './connection-limit.js'
import { prepareDatabase } from './prepared-database.js'

export const silent = createLog('silent')

/** Makes a temporary folder that is removed when the test ends. */
export async function scratch(t: Test): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'consentry-test-'))
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  return dir
}

export interface TestDatabase {
  server: EmbeddedServer
  db: Database
  /** Connections that are closed with the test. */
  asOwner: Connection
  asService: Connection
}

/** Starts a real PostgreSQL with the current schema in a new folder. It stops when the test ends. */
export async function startPrepared(t: Test, dir: string): Promise<EmbeddedServer> {
  await prepareDatabase(dir)
  const server = await startEmbedded({ dir, log: silent })
  t.teardown(() => server.stop())
  return server
}

/** Starts a real PostgreSQL with the current schema, which is stopped and removed when the test ends. */
export async function testDatabase(t: Test): Promise<TestDatabase> {
  const dir = await scratch(t)
  const server = await startPrepared(t, join(dir, 'db'))
  const db = openDatabase(server.url, CONNECTION_LIMIT_MS)
  t.teardown(() => db.close())
  const asOwner = await connect(server.adminUrl, 'test')
  const asService = await connect(server.url, 'test')
  t.teardown(() => {
    asOwner.cut()
    asService.cut()
  })
  return { server, db, asOwner, asService }
}

/** Begins a transaction that a test leaves idle as long as a busy machine needs. The database ends those of a service after 10 s. */
export const BEGIN_HELD = 'set idle_in_transaction_session_timeout = 0; begin'

/** Locks the table `event` for the transaction, as an insertion does, and inserts nothing. */
export const BEGIN_WRITING = `insert into event (uuid, at, type, data)
  select gen_random_uuid(), now(), 'service.stopped', '{}' where false`

/** Longest time to wait for a condition, ms. On a starved machine a first start, which converts the prompts, took over 90 s. */
const LIMIT = 240_000
/** Time between two looks, ms: short at first, and longer then, because many looks are queries or start a process. */
const [FIRST_MS, LONGEST_MS] = [20, 80]

/** Waits until `holds` returns true. @throws Error after four minutes */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + LIMIT
  for (let wait = FIRST_MS; !(await holds()); wait = Math.min(wait * 1.2, LONGEST_MS)) {
    if (performance.now() > end) throw new Error(`Timed out before this was true: ${holds}`)
    await new Promise(resolve => setTimeout(resolve, wait))
  }
}
