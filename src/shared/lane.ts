/**
 * Lets a bounded number of jobs run at once; the others wait in the order in which they came. Each file operation that hangs
 * keeps a thread of the process. A lane for each disk bounds their number, so that operations on other disks find threads.
 */
export class Lane {
  readonly #width: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** @param width jobs at once */
  constructor(width: number) {
    this.#width = width
  }

  /** Runs `job` when its turn comes. @returns the result of `job` @throws what `job` throws */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#width) await new Promise<void>(resolve => this.#waiting.push(resolve))
    else this.#running += 1
    try {
      return await job()
    } finally {
      // The next job takes the place over, so the count stays.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}
