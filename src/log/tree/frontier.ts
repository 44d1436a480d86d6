import { EMPTY_ROOT, type Hash, nodeHash, toHash } from './hash.js'

/** A growing tree, kept as the roots of its perfect subtrees. Its root takes at most one hash per level at any size. */
export class Frontier {
  /** By height. The subtree of height h exists if bit h of the size is set. */
  readonly #subtrees: Hash[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  append(leaf: Hash): void {
    let hash = leaf
    let height = 0
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2), height++)
      hash = nodeHash(this.#subtrees[height]!, hash)
    this.#subtrees[height] = hash
    this.#size++
  }

  /** Merkle Tree Hash of all leaves (RFC 6962, 2.1). */
  root(): Hash {
    let root: Hash | undefined
    for (let rest = this.#size, height = 0; rest > 0; rest = Math.floor(rest / 2), height++) {
      if (rest % 2 === 0) continue
      const subtree = this.#subtrees[height]!
      root = root === undefined ? subtree : nodeHash(subtree, root)
    }
    return root ?? toHash(EMPTY_ROOT)
  }
}
