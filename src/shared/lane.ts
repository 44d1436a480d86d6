/**
 * Lets a bounded number of jobs run at once; the others wait in the order in which they came. File operations that hang each
 * keep one thread of the process: a lane for each disk bounds how many, so that others find threads.
 */
export class Lane {
  readonly #width: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** @param width jobs at once */
  constructor(width: number) {
    this.#width = width
  }

  /** What `job` gives, once it had its turn. */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#width) await new Promise<void>(resolve => this.#waiting.push(resolve))
    else this.#running += 1
    try {
      return await job()
    } finally {
      // Whoever is next takes the place over.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}
