import type { Verifier } from '../notes/note.js'
import type { Hash } from '../tree/hash.js'
import type { Faults } from './faults.js'
import { isSigned, type MergedCheckpoints, type StoredCheckpoint } from './stored-checkpoints.js'

/** Signatures checked at a time: as many as there are threads for it. */
const CONCURRENT_SIGNATURES = 64

/** Holds every checkpoint that was kept anywhere against the tree, as that grows past their sizes. */
export class CheckpointCheck {
  readonly #kept: MergedCheckpoints
  readonly #verifier: Verifier
  readonly #faults: Faults
  /** Sizes up to which database and file are complete; what lies beyond may just not be there yet. */
  readonly #reach: { database: number; file: number }
  readonly #signatures: Promise<void>[] = []
  #checked = 0
  /** The last size at which a signed root held. */
  #lastMatchingSize = 0
  /** The first size at which one did not. */
  #firstDifferingSize = Number.POSITIVE_INFINITY

  constructor(
    kept: MergedCheckpoints,
    verifier: Verifier,
    faults: Faults,
    reach: { database: number; file: number },
  ) {
    this.#kept = kept
    this.#verifier = verifier
    this.#faults = faults
    this.#reach = reach
  }

  /** Checkpoints seen, each size once. */
  get checked(): number {
    return this.#checked
  }

  /** Size at which the next is to be held against the tree. */
  get nextSize(): number {
    return this.#kept.nextSize
  }

  /**
   * The tree has reached `nextSize`.
   *
   * @param trusted the tree follows from a signed root: whatever differs is the checkpoint's fault, not the tree's
   */
  async compareWith(root: Hash, trusted: boolean): Promise<void> {
    const kept = await this.#kept.takeNext()
    this.#checked++
    this.#reportMissing(kept)
    await this.#checkSignatures(kept, one => {
      if (one.root === root) this.#lastMatchingSize = Math.max(this.#lastMatchingSize, one.size)
      else if (trusted)
        this.#faults.add('forked', one.where, 'it is signed, and of another history than the log has')
      else this.#firstDifferingSize = Math.min(this.#firstDifferingSize, one.size)
    })
  }

  /** The tree has ended: what is left was signed, and is not there. */
  async finish(size: number): Promise<void> {
    let largest: StoredCheckpoint | undefined
    while (this.#kept.nextSize < Number.POSITIVE_INFINITY) {
      const kept = await this.#kept.takeNext()
      await this.#checkSignatures(kept, one => {
        if (one.size > (largest?.size ?? 0)) largest = one
      })
    }
    await Promise.all(this.#signatures)
    // The first root that fails says where to look, those after it say nothing more.
    if (this.#firstDifferingSize < Number.POSITIVE_INFINITY)
      this.#faults.add(
        'event-changed',
        `leaves ${this.#lastMatchingSize} to ${this.#firstDifferingSize - 1}`,
        'these events do not give the root that was signed; no tile here says which of them differs',
      )
    if (largest)
      this.#faults.add(
        'rolled-back',
        largest.where,
        `${largest.size} events were signed, the log has ${size}`,
      )
  }

  /** Only what is signed says anything; of the same note in two places once. */
  async #checkSignatures(kept: StoredCheckpoint[], signed: (one: StoredCheckpoint) => void): Promise<void> {
    const notes = new Map(kept.map(one => [`${one.root}${one.note}`, one]))
    for (const one of notes.values()) {
      const check = isSigned(one.note, this.#verifier).then(good => {
        if (good && one.origin === this.#verifier.name) signed(one)
        else this.#faults.add('checkpoint-forged', one.where, "it is not signed by the log's key")
      })
      this.#signatures.push(check)
      if (this.#signatures.length >= CONCURRENT_SIGNATURES) await Promise.all(this.#signatures.splice(0))
    }
  }

  #reportMissing(kept: StoredCheckpoint[]): void {
    const size = kept[0]!.size
    const has = (source: StoredCheckpoint['source']) => kept.some(one => one.source === source)
    if (has('file') && !has('database') && size <= this.#reach.database)
      this.#faults.add('checkpoint-missing', `log_checkpoint ${size}`, 'it was signed, and its row is gone')
    if (!has('file') && has('database') && size <= this.#reach.file)
      this.#faults.add(
        'checkpoint-missing',
        `checkpoints.txt ${size}`,
        'it was signed, and is not in the file',
      )
  }
}
