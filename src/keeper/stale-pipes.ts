import { lstatSync } from 'node:fs'
import type { PipePair } from './pipe-pair.js'
import type { PipePool } from './pipe-pool.js'
import { SUFFIXES } from './protocol.js'
import type { TapFolder } from './tap-folder.js'

/**
 * Pipes of a dead keeper. Calls may be writing to them. They are opened at once, because an Asterisk thread that opens
 * a pipe without a reader hangs. They are not read until the service claims them.
 */
export class StalePipes {
  readonly #folder: TapFolder
  readonly #pairs = new Map<string, PipePair>()

  private constructor(folder: TapFolder) {
    this.#folder = folder
  }

  /** Opens every complete pair in the folder and removes incomplete pairs. */
  static async find(folder: TapFolder, pool: PipePool): Promise<StalePipes> {
    const stale = new StalePipes(folder)
    const broken: string[] = []
    for (const prefix of folder.list()) {
      if (isPair(prefix)) stale.#pairs.set(prefix, pool.open(prefix))
      else broken.push(prefix)
    }
    if (broken.length > 0) await folder.remove(broken)
    return stale
  }

  /** Returns the pair with this prefix; undefined if there is none or it was claimed before. */
  claim(prefix: string): PipePair | undefined {
    const pair = this.#pairs.get(prefix)
    this.#pairs.delete(prefix)
    return pair
  }

  /** Removes unclaimed pairs. A call that opens one later finds no pipe and continues unrecorded. */
  async removeUnclaimed(): Promise<void> {
    if (this.#pairs.size === 0) return
    const unclaimed = [...this.#pairs]
    await this.#folder.remove(unclaimed.map(([prefix]) => prefix))
    for (const [prefix, pair] of unclaimed) {
      // One that was claimed meanwhile has another owner.
      if (this.#pairs.delete(prefix)) pair.close()
    }
  }
}

const isPair = (prefix: string): boolean =>
  SUFFIXES.every(suffix => lstatSync(prefix + suffix, { throwIfNoEntry: false })?.isFIFO() === true)
