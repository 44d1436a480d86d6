import { PipePair } from './pipe-pair.js'
import type { TapFolder } from './tap-folder.js'

interface PoolOptions {
  folder: TapFolder
  /** Pairs made at once. */
  batch: number
  heldBytes: number
}

/** Most pairs that wait for a call, so that a storm of requests cannot use up all descriptors. */
const MAX_READY = 256

/** Pairs made and opened in advance, each given out once. */
export class PipePool {
  readonly #options: PoolOptions
  readonly #ready: PipePair[] = []
  #filling: Promise<void> | undefined
  #waitingTakes = 0
  #lastId = 0

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Makes the first batch. @throws TapFolderError, or the system's error */
  fill(): Promise<void> {
    this.#filling ??= this.#makeBatch().finally(() => {
      this.#filling = undefined
    })
    return this.#filling
  }

  /**
   * A pair that no one has had and whose pipes are in their place. Makes more when it runs low.
   * @throws TapFolderError, or the system's error
   */
  async take(): Promise<PipePair> {
    this.#waitingTakes++
    try {
      while (true) {
        const pair = this.#ready.pop()
        if (pair && this.#options.folder.intact(pair.prefix)) {
          // Its outcome shows when the pool is empty and `take` has to wait for it.
          if (this.#ready.length < this.#options.batch / 2) this.fill().catch(() => {})
          return pair
        }
        pair?.close()
        if (!pair) await this.fill()
      }
    } finally {
      this.#waitingTakes--
    }
  }

  /** A pair that was taken and, after all, not needed; its name was told to nobody. */
  returnUnused(pair: PipePair): void {
    this.#ready.push(pair)
  }

  /** Opens pipes that are there already, as a pair of this keeper. @throws the system's error */
  open(prefix: string): PipePair {
    return new PipePair(++this.#lastId, prefix, this.#options.heldBytes)
  }

  /** Closes what was not given out; gives the prefixes. */
  close(): string[] {
    const prefixes = this.#ready.map(pair => pair.prefix)
    for (const pair of this.#ready.splice(0)) pair.close()
    return prefixes
  }

  async #makeBatch(): Promise<void> {
    const { folder, batch } = this.#options
    const prefixes = await folder.makePairs(Math.min(Math.max(batch, this.#waitingTakes), MAX_READY))
    for (const prefix of prefixes) this.#ready.push(this.open(prefix))
  }
}
