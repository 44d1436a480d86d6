import { Socket } from 'node:net'
import pg from 'pg'
import { databaseSilent, type Endpoint } from './failure.js'
import { watchdog } from './watchdog.js'

/** A query that has got nothing for this long makes the watch look whether the database still works on it, ms. Most take a few ms. */
const SILENT_MS = 5_000

/** How long the database may take to tell a look, ms. Connecting takes 10 ms; on a starved machine it has taken seconds. */
const LOOK_MS = 10_000

/** Codes of a look that found no way to the host. Any other refusal says that something answers, or that this process cannot ask. */
const UNREACHABLE = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])

/** What one look finds. `idle`: the session waits for its client, so the query or its answer was lost on the way. */
type Found = 'works' | 'idle' | 'silent'

/** A connection that owes answers. */
export interface WatchedConnection {
  /** Where its server is. It is asked over a connection of its own. */
  readonly options: pg.ClientConfig
  readonly endpoint: Endpoint
  readonly socket: Socket
  /** Process of the session in the server; undefined until the connection knows it, and behind a pooler. */
  pid(): number | undefined
  /** Bytes of queries that the system has not taken yet. */
  unsent(): number
}

/**
 * Ends a connection whose database has fallen silent: a frozen server, or a network that drops packets. Without it, a query waits until
 * TCP gives up, which takes a quarter of an hour or for ever, and its pool runs dry. A query may take as long as it needs: no time limit tells
 * a purge from a silent database, so the database itself is asked, over a new connection, whether it still works on the query. If it
 * does not answer, or says at two looks that the session waits for its client, the connection is destroyed, and all its queries reject.
 * A connection never goes back to a pool with a query on it.
 */
export class AnswerWatch {
  readonly #connection: WatchedConnection
  /** Queries without an answer. */
  #owed = 0
  /** The present wait. Another object stands for each wait, so that a look that ends late decides nothing. */
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

  /** @param before what the last look found, if nothing has come since */
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
    // What came between the look and its answer may still be on its way, and so may a long query.
    if (found === 'idle' && (before !== 'idle' || unsent() > 0)) return this.#await('idle')
    socket.destroy(databaseSilent(endpoint, found))
  }
}

/**
 * Asks the server whether a session works. A refused connection counts as working: the server may have none left, this process no
 * file to open. Behind a pooler only the pooler is asked: it may run each transaction in another session, and let new ones wait.
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
