import { Socket } from 'node:net'
import pg from 'pg'
import { databaseSilent, type Endpoint } from './failure.js'
import { watchdog } from './watchdog.js'

/**
 * After this long without an answer to a query, the watch checks whether the database still works on it, ms. Most
 * queries take a few ms.
 */
const SILENT_MS = 5_000

/**
 * How long the database may take to answer a check, ms. Connecting takes 10 ms; on a starved machine it has taken
 * seconds.
 */
const LOOK_MS = 10_000

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
export interface WatchedConnection {
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
export class AnswerWatch {
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
    const wait = { cancel: watchdog(SILENT_MS, () => void this.#look(wait, bytesRead, before)) }
    this.#wait = wait
  }

  async #look(wait: object, read: number, before: Found): Promise<void> {
    const { socket, endpoint, unsent } = this.#connection
    const hasCome = () => socket.bytesRead !== read
    const found = hasCome() ? 'works' : await look(this.#connection)
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
async function look({ options, pid }: WatchedConnection): Promise<Found> {
  const socket = new Socket()
  const client = new pg.Client({ ...options, application_name: 'consentry look', stream: () => socket })
  client.on('error', () => undefined)
  let isLate = false
  const cancelWatchdog = watchdog(LOOK_MS, () => {
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
