import type { Connection } from '../../db/connection.js'
import { type Hash, leafHash } from '../tree/hash.js'
import { LEAF_COLUMNS, type LeafRow, leafOf } from '../tree/leaf.js'

/** Rows per fetch, and concurrent fetches. The database prepares the next rows while rows are hashed. */
const ROWS_PER_FETCH = 1_024
const FETCHES_IN_FLIGHT = 3

/** An event of the database with its leaf and leaf hash. */
export interface EventRow {
  id: number
  uuid: string
  leaf: string
  hash: Hash
}

const CURSOR = `declare rows no scroll cursor for select ${LEAF_COLUMNS} from event order by id`

/** The events of the database in order, read by a cursor in the connection's transaction. */
export class RowStream {
  readonly #connection: Connection
  #buffer: EventRow[] = []
  readonly #fetches: Promise<{ rows: LeafRow[] }>[] = []

  private constructor(connection: Connection) {
    this.#connection = connection
    for (let i = 0; i < FETCHES_IN_FLIGHT; i++) this.#fetch()
  }

  static async open(connection: Connection): Promise<RowStream> {
    await connection.query(CURSOR)
    return new RowStream(connection)
  }

  /** The next `count` rows, without taking them. Fewer only at the end. */
  async peek(count: number): Promise<readonly EventRow[]> {
    while (this.#buffer.length < count) {
      const { rows } = await this.#fetches[0]!
      if (rows.length === 0) break
      void this.#fetches.shift()
      this.#fetch()
      for (const row of rows) {
        const leaf = leafOf(row)
        this.#buffer.push({ id: row.id, uuid: row.uuid, leaf, hash: leafHash(leaf) })
      }
    }
    return this.#buffer.slice(0, count)
  }

  take(count: number): void {
    this.#buffer.splice(0, count)
  }

  #fetch(): void {
    const rows = this.#connection.query<LeafRow>(`fetch ${ROWS_PER_FETCH} from rows`)
    // `peek` reports the error. Until then it must not end the process as unhandled.
    rows.catch(() => undefined)
    this.#fetches.push(rows)
  }
}
