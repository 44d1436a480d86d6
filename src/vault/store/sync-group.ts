/**
 * How long an append may wait for others before it is written and synced, ms. A block may be in memory only for 1 s, so this is
 * well below. It is long enough that hundreds of running calls share a few commits of the file system's journal.
 */
const MAX_WAIT = 200

/** A writer that can write and sync its pending data. */
export interface Flushable {
  /** Never rejects. */
  flush(): Promise<void>
}

/** Makes the writers of all running recordings write and sync at the same time. */
export class SyncGroup {
  readonly #waiting = new Set<Flushable>()
  #timer: NodeJS.Timeout | undefined

  /** Calls `flush` of `writer` within `MAX_WAIT`. */
  add(writer: Flushable): void {
    this.#waiting.add(writer)
    this.#timer ??= setTimeout(() => this.#flush(), MAX_WAIT)
  }

  #flush(): void {
    this.#timer = undefined
    for (const writer of this.#waiting) void writer.flush()
    this.#waiting.clear()
  }
}
