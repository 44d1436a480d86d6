import { Socket } from 'node:net'
import pg from 'pg'
import { AppError } from '../core/errors.js'
import { AnswerWatch } from './answer-watch.js'

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
