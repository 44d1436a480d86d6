import { PipePair } from './pipe-pair.js'
import type { TapFolder } from './tap-folder.js'

interface PoolOptions {
  folder: TapFolder
  /** Pairs made together. */
  batch: number
  heldBytes: number
}

/** Most pairs made together. Many requests at once then cannot use up all file descriptors. */
const MAX_READY = 256

/** Makes and opens pairs in advance. Each pair is given to one call. */
export class PipePool {
  readonly #options: PoolOptions
  readonly #ready: PipePair[] = []
  #filling: Promise<void> | undefined
  #waitingTakes = 0
  #lastId = 0

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Makes one batch of pairs. @throws TapFolderError, or the system's error */
  fill(): Promise<void> {
    this.#filling ??= this.#makeBatch().finally(() => {
      this.#filling = undefined
    })
    return this.#filling
  }

  /**
   * Returns an unused pair whose pipes exist. Makes more pairs when few are left.
   * @throws TapFolderError, or the system's error
   */
  async take(): Promise<PipePair> {
    this.#waitingTakes++
    try {
      while (true) {
        const pair = this.#ready.pop()
        if (pair && this.#options.folder.intact(pair.prefix)) {
          // A failure of `fill` is reported by a later `take`, when the pool is empty.
          if (this.#ready.length < this.#options.batch / 2) this.fill().catch(() => {})
          return pair
        }
        if (pair) await this.#discard(pair)
        else await this.fill()
      }
    } finally {
      this.#waitingTakes--
    }
  }

  /** Returns a pair that was taken but not used. No other process may know its name. */
  returnUnused(pair: PipePair): void {
    this.#ready.push(pair)
  }

  /** Opens existing pipes as a pair of this keeper. @throws the system's error */
  open(prefix: string): PipePair {
    return new PipePair(++this.#lastId, prefix, this.#options.heldBytes)
  }

  /** Prefixes of the unused pairs. */
  get prefixes(): string[] {
    return this.#ready.map(pair => pair.prefix)
  }

  /** Closes the unused pairs. */
  close(): void {
    for (const pair of this.#ready.splice(0)) pair.close()
  }

  /** Removes the rest of a pair that lacks a pipe. */
  async #discard(pair: PipePair): Promise<void> {
    await this.#options.folder.remove([pair.prefix]).catch(() => {})
    pair.close()
  }

  async #makeBatch(): Promise<void> {
    const { folder, batch } = this.#options
    const prefixes = await folder.makePairs(Math.min(Math.max(batch, this.#waitingTakes), MAX_READY))
    const opened: PipePair[] = []
    try {
      for (const prefix of prefixes) opened.push(this.open(prefix))
    } catch (error) {
      await folder.remove(prefixes.slice(opened.length)).catch(() => {})
      throw error
    } finally {
      this.#ready.push(...opened)
    }
  }
}
