/**
 * Runs a bounded number of jobs at once. Other jobs wait in order of arrival. Each hung file operation blocks a thread of the
 * process. A lane for each disk bounds their number, so that threads remain for other disks.
 */
export class Lane {
  readonly #width: number
  readonly #places: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  /**
   * @param width jobs at once
   * @param places jobs that may wait; any number by default
   */
  constructor(width: number, places = Number.POSITIVE_INFINITY) {
    this.#width = width
    this.#places = places
  }

  /** Whether a job that came now would find no place to wait. */
  get full(): boolean {
    return this.#running >= this.#width && this.#waiting.length >= this.#places
  }

  /**
   * Runs `job` when a place is free. A caller that bounds the waiting checks `full` first.
   * @returns the result of `job`
   * @throws what `job` throws
   */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#width) await new Promise<void>(resolve => this.#waiting.push(resolve))
    else this.#running += 1
    try {
      return await job()
    } finally {
      // The next job takes this job's place, so the count stays.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}

/** Runs `work` for all items, at most `width` at once. Resolves with the last one, rejects with the first failure. */
export async function inParallel<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const remaining = items[Symbol.iterator]()
  const worker = async (): Promise<void> => {
    for (let item = remaining.next(); !item.done; item = remaining.next()) await work(item.value)
  }
  await Promise.all(Array.from({ length: width }, worker))
}
