import { counted } from '../../lib/plural.js'
import type { KeyChain } from '../notes/key-chain.js'
import type { Hash } from '../tree/hash.js'
import type { Faults } from './faults.js'
import { isSigned, type MergedCheckpoints, type StoredCheckpoint } from './stored-checkpoints.js'

/** Most signatures checked at once, in the thread pool. */
const CONCURRENT_SIGNATURES = 64

/** Compares every stored checkpoint with the tree when the tree reaches its size. */
export class CheckpointCheck {
  readonly #stored: MergedCheckpoints
  readonly #keys: KeyChain
  readonly #faults: Faults
  /** Sizes up to which database and file must be complete. Larger checkpoints may not be written yet. */
  readonly #reach: { database: number; file: number }
  readonly #signatures: Promise<void>[] = []
  #checked = 0
  /** The last size at which a signed root was right. */
  #lastMatchingSize = 0
  /** The first size at which a signed root was wrong. */
  #firstDifferingSize = Number.POSITIVE_INFINITY

  constructor(
    stored: MergedCheckpoints,
    keys: KeyChain,
    faults: Faults,
    reach: { database: number; file: number },
  ) {
    this.#stored = stored
    this.#keys = keys
    this.#faults = faults
    this.#reach = reach
  }

  /** Number of sizes with a checkpoint. */
  get checked(): number {
    return this.#checked
  }

  /** Size of the next checkpoint. */
  get nextSize(): number {
    return this.#stored.nextSize
  }

  /**
   * Compares the checkpoints of `nextSize` with the tree, which has reached that size.
   *
   * @param trusted whether the tree follows from a signed root. A difference is then the checkpoint's fault.
   */
  async compareWith(root: Hash, trusted: boolean): Promise<void> {
    const checkpoints = await this.#stored.takeNext()
    this.#checked++
    this.#reportMissing(checkpoints)
    await this.#checkSignatures(checkpoints, one => {
      if (one.root === root) this.#lastMatchingSize = Math.max(this.#lastMatchingSize, one.size)
      else if (trusted)
        this.#faults.add('forked', one.where, 'it is signed, but belongs to another history than the log')
      else this.#firstDifferingSize = Math.min(this.#firstDifferingSize, one.size)
    })
  }

  /** Reports checkpoints beyond the end of the tree. Their signed events are missing. @param size of the tree */
  async finish(size: number): Promise<void> {
    let largest: StoredCheckpoint | undefined
    while (this.#stored.nextSize < Number.POSITIVE_INFINITY) {
      const checkpoints = await this.#stored.takeNext()
      await this.#checkSignatures(checkpoints, one => {
        if (one.size > (largest?.size ?? 0)) largest = one
      })
    }
    await Promise.all(this.#signatures)
    // Only the first wrong root narrows down the events. All later roots are wrong as well.
    if (this.#firstDifferingSize < Number.POSITIVE_INFINITY)
      this.#faults.add(
        'event-changed',
        `leaves ${this.#lastMatchingSize} to ${this.#firstDifferingSize - 1}`,
        'these events do not give the signed root; no tile shows which of them differs',
      )
    if (largest)
      this.#faults.add(
        'rolled-back',
        largest.where,
        `${counted(largest.size, 'event was', 'events were')} signed, the log has ${size}`,
      )
  }

  /** Calls `signed` for every checkpoint signed by the log's key that is in force at its size. The same note in two sources is checked once. */
  async #checkSignatures(
    checkpoints: StoredCheckpoint[],
    signed: (one: StoredCheckpoint) => void,
  ): Promise<void> {
    const notes = new Map(checkpoints.map(one => [`${one.root}${one.note}`, one]))
    for (const one of notes.values()) {
      const check = isSigned(one.note, this.#keys.inForce(one.size)).then(good => {
        const own = one.origin === this.#keys.origin
        if (good && own) signed(one)
        else if (own && this.#keys.hasSigned(one.note))
          this.#faults.add(
            'key-not-in-force',
            one.where,
            `a key of the log has signed it that does not sign checkpoints of ${counted(one.size, 'event', 'events')}`,
          )
        else this.#faults.add('checkpoint-forged', one.where, "it is not signed by the log's key")
      })
      this.#signatures.push(check)
      if (this.#signatures.length >= CONCURRENT_SIGNATURES) await Promise.all(this.#signatures.splice(0))
    }
  }

  #reportMissing(checkpoints: StoredCheckpoint[]): void {
    const size = checkpoints[0]!.size
    const has = (source: StoredCheckpoint['source']) => checkpoints.some(one => one.source === source)
    if (has('file') && !has('database') && size <= this.#reach.database)
      this.#faults.add(
        'checkpoint-missing',
        `log_checkpoint ${size}`,
        'it was signed, but its row is missing',
      )
    if (!has('file') && has('database') && size <= this.#reach.file)
      this.#faults.add(
        'checkpoint-missing',
        `checkpoints.txt ${size}`,
        'it was signed, but is missing in the file',
      )
  }
}
