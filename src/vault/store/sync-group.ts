/**
 * How long an append may wait for others before it is written and synced, ms. Within the 1 s that a block may be
 * in memory only; long enough that hundreds of running calls share a few commits of the file system's journal.
 */
const MAX_WAIT = 200

/** Something that can write and sync what it has gathered; never rejects. */
export interface Flushable {
  flush(): Promise<void>
}

/** Lets the writers of all running recordings write and sync at the same moments. */
export class SyncGroup {
  readonly #waiting = new Set<Flushable>()
  #timer: NodeJS.Timeout | undefined

  /** Has `writer` flushed within `WAIT`. */
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
