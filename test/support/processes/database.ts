import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type Connection, connect } from '../../../src/db/connection.js'
import { type Database, openDatabase } from '../../../src/db/database.js'
import { type EmbeddedServer, startEmbedded } from '../../../src/db/embedded.js'
import { createLog } from '../../../src/lib/log.js'
import { CONNECTION_LIMIT_MS } from './connection-limit.js'
import { prepareDatabase } from './prepared-database.js'

export const silent = createLog('silent')

/**
 * Makes a temporary folder that is removed when the test ends. A program that was killed may have left a PostgreSQL that still writes there while it
 * shuts down, so the removal is tried again for 20 s.
 */
export async function scratch(t: Test): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'consentry-test-'))
  t.teardown(() => rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }))
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
  const asOwner = connectWhenUsed(server.adminUrl)
  const asService = connectWhenUsed(server.url)
  t.teardown(() => {
    asOwner.cut()
    asService.cut()
  })
  return { server, db, asOwner, asService }
}

/** A connection that is made when it is first used: most tests use one of two, or none. */
function connectWhenUsed(url: string): Connection {
  let connected: Promise<Connection> | undefined
  const reach = () => {
    connected ??= connect(url, 'test')
    return connected
  }
  return {
    query: async (...statement) => (await reach()).query(...statement),
    onLost: callback => void reach().then(connection => connection.onLost(callback)),
    onNotification: callback => void reach().then(connection => connection.onNotification(callback)),
    cut: () => void connected?.then(connection => connection.cut()),
    close: async () => (await connected)?.close(),
  }
}

/** Begins a transaction that a test leaves idle as long as a busy machine needs. The database ends those of a service after 10 s. */
export const BEGIN_HELD = 'set idle_in_transaction_session_timeout = 0; begin'

/** Locks the table `event` for the transaction, as an insertion does, and inserts nothing. */
export const BEGIN_WRITING = `insert into event (uuid, at, type, data)
  select gen_random_uuid(), now(), 'service.stopped', '{}' where false`

/** Longest time to wait for a condition, ms. On a starved machine a first start, which converts the prompts, took over 90 s. */
const LIMIT = 240_000
/** Shortest and longest time between two looks, ms. */
const [SHORTEST, LONGEST] = [20, 100]
/** What is waited for may be seen later by this share of the time that it took. */
const LATE_SHARE = 0.1

/** Waits until `holds` returns true. @throws Error after four minutes */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const begun = performance.now()
  while (!(await holds())) {
    const waited = performance.now() - begun
    if (waited > LIMIT) throw new Error(`Timed out before this was true: ${holds}`)
    const pause = Math.min(LONGEST, Math.max(SHORTEST, LATE_SHARE * waited))
    await new Promise(resolve => setTimeout(resolve, pause))
  }
}
