import type { PipePair } from './pipe-pair.js'
import type { TapFolder } from './tap-folder.js'

/** How long Asterisk may keep pipes open after its channel has ended, ms. Then the keeper closes them. */
const CLOSE_TIMEOUT = 60_000
/** Time from an attempt to remove pipes that failed to the next one, ms. */
const RETRY_INTERVAL = 10_000

/** The pairs whose channel has ended, until their pipes are removed. */
export class EndedPipes {
  readonly #folder: TapFolder
  /** Each pair with the time at which its channel had ended; monotonic, ms. */
  readonly #since = new Map<PipePair, number>()
  #removing = false
  #removesFrom = 0

  constructor(folder: TapFolder) {
    this.#folder = folder
  }

  get pairs(): PipePair[] {
    return [...this.#since.keys()]
  }

  /** @param now monotonic, ms */
  add(pair: PipePair, now: number): void {
    this.#since.set(pair, now)
  }

  /**
   * Removes the pipes that Asterisk has closed. All of one tick are removed together, because the folder must be made
   * writable for it. A pair is forgotten only once its pipes are removed.
   *
   * @param now monotonic, ms
   * @throws the system's error; a call 10 s later tries again
   */
  async remove(now: number): Promise<void> {
    const ended: PipePair[] = []
    for (const [pair, since] of this.#since) {
      if (pair.ended) ended.push(pair)
      else if (now - since > CLOSE_TIMEOUT) pair.close()
    }
    if (ended.length === 0 || this.#removing || now < this.#removesFrom) return
    this.#removing = true
    try {
      await this.#folder.remove(ended.map(({ prefix }) => prefix))
      for (const pair of ended) this.#since.delete(pair)
    } catch (error) {
      this.#removesFrom = now + RETRY_INTERVAL
      throw error
    } finally {
      this.#removing = false
    }
  }
}
