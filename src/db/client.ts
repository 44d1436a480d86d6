import { Socket } from 'node:net'
import pg from 'pg'
import { AppError } from '../core/errors.js'
import { databaseSilent, type Endpoint } from './failure.js'
import { watchdog } from './watchdog.js'

/** A connection that was idle for this long is tested by the system, ms. A dead one is found within 20 s, not after two hours. */
const KEEP_ALIVE_MS = 10_000

/**
 * How long an orderly close may take, ms. After that the socket is destroyed, so that a hung database delays no caller
 * of `close`.
 */
export const CLOSE_MS = 1_000

export interface ClientOptions extends pg.ClientConfig {
  /** Sends queries without waiting for the answers to earlier ones. */
  pipeline?: boolean | undefined
  /** Statements that each new session begins with. */
  settings?: string | undefined
}

/**
 * Every connection to PostgreSQL, in a pool or not. A query that a silent database does not answer rejects with
 * AppError `db.unavailable`, see `AnswerWatch`.
 */
export class Client extends pg.Client {
  readonly #socket: Socket
  readonly #settings: string | undefined
  #pid: number | undefined
  /** Why the connection was lost. */
  #lost: Error | undefined

  constructor({ settings, ...options }: ClientOptions = {}) {
    const socket = new Socket()
    super({
      ...options,
      stream: () => socket,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    } as pg.ClientConfig)
    this.#socket = socket
    this.#settings = settings
    // Errors reject the queries. Without a listener, one would end the process.
    this.on('error', error => {
      this.#lost ??= error
    })
    const { connectionString, ssl } = options
    const watch = new AnswerWatch({
      ...{
        socket,
        endpoint: this,
        pid: () => this.#pid,
        unsent: () => this.connection.stream.writableLength,
      },
      options: {
        ...(connectionString !== undefined && { connectionString }),
        ...(ssl !== undefined && { ssl }),
      },
    })
    const send = this.query.bind(this) as (...statement: unknown[]) => unknown
    this.query = ((...statement: unknown[]) => {
      // A failed rollback must not hide why the transaction failed.
      if (this.#lost instanceof AppError) return Promise.reject(this.#lost)
      const answer = send(...statement)
      if (answer instanceof Promise) watch.begin(answer)
      return answer
    }) as pg.Client['query']
  }

  override connect(): Promise<pg.Client>
  override connect(callback: (error: Error) => void): void
  override connect(callback?: (error: Error) => void): Promise<pg.Client> | undefined {
    const reached = this.reach()
    if (!callback) return reached
    reached.then(() => callback(null as unknown as Error), callback)
    return undefined
  }

  /** Connects and makes the settings of the session. */
  protected async reach(): Promise<pg.Client> {
    await super.connect()
    const begin = [...(this.#settings ? [this.#settings] : []), 'select pg_backend_pid() as pid']
    // Several statements have several results.
    const results: pg.QueryResult<{ pid: number }>[] = [await this.query(begin.join(';'))].flat()
    const pid = results.at(-1)?.rows[0]?.pid
    // A pooler reports another number at the start, because the session may change.
    if (pid === (this as { processID?: number }).processID) this.#pid = pid
    return this
  }

  override end(): Promise<void>
  override end(callback: (error: Error) => void): void
  override end(callback?: (error: Error) => void): Promise<void> | undefined {
    const timer = setTimeout(() => this.cut(), CLOSE_MS)
    timer.unref()
    this.once('end', () => clearTimeout(timer))
    if (!callback) return super.end()
    super.end(callback)
    return undefined
  }

  /** Destroys the connection at once. Its queries reject. */
  cut(error?: Error): void {
    this.#socket.destroy(error)
  }
}

/**
 * After this long without an answer to a query, the watch checks whether the database still works on it, ms. Most
 * queries take a few ms.
 */
const SILENT_MS = 5_000

/**
 * How long the database may take to answer a check, ms. Connecting takes 10 ms; on a starved machine it has taken
 * seconds.
 */
const ANSWER_MS = 10_000

/**
 * Error codes of a check that found no way to the host. Any other refusal means that a server answers, or that this
 * process cannot connect.
 */
const UNREACHABLE = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])

/**
 * The result of one check. `idle`: the session waits for its client, so the query or its answer was lost on the way.
 */
type Found = 'works' | 'idle' | 'silent'

/** A connection with queries that have no answer yet. */
interface WatchedConnection {
  /** Address of its server. Checks use a connection of their own. */
  readonly options: pg.ClientConfig
  readonly endpoint: Endpoint
  readonly socket: Socket
  /** Process id of the session in the server. Undefined until the connection knows it, and behind a pooler. */
  pid(): number | undefined
  /** Bytes of queries that the operating system has not accepted yet. */
  unsent(): number
}

/**
 * Ends a connection whose database has fallen silent: a frozen server, or a network that drops packets. Without this, a
 * query waits until TCP gives up, which takes a quarter of an hour or for ever, and its pool runs out of connections. A
 * query may take as long as it needs: a time limit cannot distinguish a purge from a silent database. The watch
 * therefore asks the database, over a new connection, whether it still works on the query. The connection is destroyed,
 * and all its queries reject, if the database does not answer, or if two checks find the session waiting for its
 * client. A connection never returns to a pool with a query on it.
 */
class AnswerWatch {
  readonly #connection: WatchedConnection
  /** Queries without an answer. */
  #owed = 0
  /** The current wait. Each wait has its own object, so that a check that ends late decides nothing. */
  #wait: { cancel(): void } | undefined

  constructor(connection: WatchedConnection) {
    this.#connection = connection
  }

  /** Watches until the query has its answer. */
  begin(answer: Promise<unknown>): void {
    if (this.#owed++ === 0) this.#await('works')
    const end = () => {
      if (--this.#owed > 0) return
      this.#wait?.cancel()
      this.#wait = undefined
    }
    answer.then(end, end)
  }

  /** @param before result of the previous check, if nothing has been received since */
  #await(before: Found): void {
    const { bytesRead } = this.#connection.socket
    const wait = { cancel: watchdog(SILENT_MS, () => void this.#check(wait, bytesRead, before)) }
    this.#wait = wait
  }

  async #check(wait: object, read: number, before: Found): Promise<void> {
    const { socket, endpoint, unsent } = this.#connection
    const hasCome = () => socket.bytesRead !== read
    const found = hasCome() ? 'works' : await checkSession(this.#connection)
    if (this.#wait !== wait) return
    if (hasCome() || found === 'works') return this.#await('works')
    // What was received between the check and its answer may still be on its way, and so may a long query.
    if (found === 'idle' && (before !== 'idle' || unsent() > 0)) return this.#await('idle')
    socket.destroy(databaseSilent(endpoint, found))
  }
}

/**
 * Asks the server whether a session works. A refused connection counts as working: the server may have no free
 * connection, or this process no free file descriptor. Behind a pooler only the pooler is asked, because it may run
 * each transaction in another session and let new ones wait.
 */
async function checkSession({ options, pid }: WatchedConnection): Promise<Found> {
  const socket = new Socket()
  const client = new pg.Client({ ...options, application_name: 'consentry check', stream: () => socket })
  client.on('error', () => undefined)
  let isLate = false
  const cancelWatchdog = watchdog(ANSWER_MS, () => {
    isLate = true
    socket.destroy()
  })
  try {
    await client.connect()
    const session = pid()
    if (session === undefined) return 'works'
    const { rows } = await client.query<{ works: boolean }>(
      `select exists (
        select from pg_stat_activity where pid = $1 and wait_event_type is distinct from 'Client') as works`,
      [session],
    )
    return rows[0]!.works ? 'works' : 'idle'
  } catch (error) {
    const isSilent = isLate || UNREACHABLE.has((error as NodeJS.ErrnoException).code ?? '')
    return isSilent ? 'silent' : 'works'
  } finally {
    void client.end().finally(cancelWatchdog)
  }
}
