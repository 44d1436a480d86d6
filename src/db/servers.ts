import pg from 'pg'
import { systemClock } from '../core/clock.js'
import { serversIn } from '../core/database-servers.js'
import { waitAtMost } from '../lib/deadline.js'
import { CLOSE_MS, Client } from './client.js'
import { connectionFailed } from './failure.js'

/** For each URL that names several servers: the index of the chosen one, for all connections of this process. */
const places = new Map<string, number>()

/** The server of a database to which connections are made now, and how to change to the next one. */
export interface ChosenServer {
  /** URL of the server. */
  readonly url: string
  /** How many servers the database has. */
  readonly count: number
  /** From now on, connections are made to the next server. Does nothing if another server is chosen already. */
  leave(): void
}

/**
 * Chooses a server. All connections of this process to one database use the same server, until one of them finds that
 * it cannot be reached or refuses writes.
 *
 * @param url may name several servers, see `serversIn`
 */
export function chooseServer(url: string): ChosenServer {
  const servers = serversIn(url)
  const place = places.get(url) ?? 0
  return {
    url: servers[place]!,
    count: servers.length,
    leave() {
      if (servers.length > 1 && (places.get(url) ?? 0) === place)
        places.set(url, (place + 1) % servers.length)
    },
  }
}

/** @throws Error if a server is a standby, which refuses writes */
export async function requirePrimary(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby')
  if (rows[0]?.standby) throw new Error('it is a standby, which takes no writes')
}

/**
 * The clients of a pool. Each one connects to the server that is chosen when it is made. If that server cannot be
 * reached or refuses writes, the next client tries the next one.
 */
function clientsOf(url: string, settings: string): typeof pg.Client {
  return class extends Client {
    readonly #server: ChosenServer

    constructor(options?: pg.ClientConfig) {
      const server = chooseServer(url)
      super({ ...options, connectionString: server.url, settings })
      this.#server = server
    }

    protected override async reach(): Promise<pg.Client> {
      try {
        await super.reach()
        if (this.#server.count > 1) await requirePrimary(this)
        return this
      } catch (error) {
        this.#server.leave()
        this.cut()
        throw error
      }
    }
  }
}

/** A pool of connections, with the methods that Kysely uses. */
export interface Pool {
  /** @throws AppError `db.unavailable` if no connection can be made, or none becomes free in time */
  connect(): Promise<pg.PoolClient>
  /** Closes all connections. Queries that have not ended within 1 s are rejected. */
  end(): Promise<void>
}

/**
 * Makes a pool. If the URL names several servers, each is tried until one accepts writes.
 *
 * @param options without those that name the database
 * @param settings statements that each new session begins with. The pool's limit for connecting includes them.
 */
export function makePool(url: string, options: pg.PoolConfig, settings: string): Pool {
  const { count } = chooseServer(url)
  const pool = new pg.Pool({ ...options, connectionString: url, Client: clientsOf(url, settings) })
  // The pool replaces connections that break while idle. Errors of connections in use reject their queries.
  pool.on('error', () => undefined)
  const clients = new Set<pg.ClientBase>()
  pool.on('connect', client => void clients.add(client))
  pool.on('remove', client => void clients.delete(client))
  return {
    async connect() {
      for (let tried = 1; ; tried += 1) {
        const before = chooseServer(url).url
        try {
          return await pool.connect()
        } catch (error) {
          // If the same server is still chosen, the failure does not come from the server.
          if (tried >= count || chooseServer(url).url === before)
            throw connectionFailed(error, new pg.Client({ connectionString: before }))
        }
      }
    },
    async end() {
      const ended = pool.end()
      // A hung database would delay the close as long as it hangs.
      if (await waitAtMost(systemClock, CLOSE_MS, ended)) return
      for (const client of clients) if (client instanceof Client) client.cut()
      await ended
    },
  }
}
