import { EMPTY_ROOT, type Hash, nodeHash, perfectRoot, toHash } from './hash.js'
import { edgeTiles, type FullTile, TILE_WIDTH, tileRoot } from './tile.js'

/** The partial tiles of a tree. They suffice to append leaves and to compute the root. */
export class RightEdge {
  /** Hashes of the partial tile of each level, from 0 upwards. */
  readonly #levels: Hash[][] = []
  #size = 0

  /** @param partialTiles the tiles that `edgeTiles(size)` names, in that order */
  constructor(size = 0, partialTiles: readonly Hash[][] = []) {
    this.#size = size
    for (const [i, { level }] of edgeTiles(size).entries()) this.#levels[level] = [...partialTiles[i]!]
    for (let level = 0; level < this.#levels.length; level++) this.#levels[level] ??= []
  }

  /** Number of leaves. */
  get size(): number {
    return this.#size
  }

  /** Appends a leaf hash. @param onFull called with every tile that the leaf completes, lowest level first */
  append(leaf: Hash, onFull: (tile: FullTile) => void): void {
    this.#size++
    this.#push(0, leaf, onFull)
  }

  /** The partial tiles, from level 0 upwards. */
  partialTiles(): (FullTile & { width: number })[] {
    return edgeTiles(this.#size).map(({ level, n, width }) => ({
      level,
      n,
      width,
      hashes: [...this.#levels[level]!],
    }))
  }

  /** Merkle Tree Hash of all leaves (RFC 6962, 2.1). */
  root(): Hash {
    let root: Hash | undefined
    for (const hashes of this.#levels) {
      // Every set bit of the width is a perfect subtree. The smallest one is rightmost.
      for (let end = hashes.length, bit = 1; end > 0; bit *= 2) {
        if ((end & bit) === 0) continue
        end -= bit
        const subtree = perfectRoot(hashes, end, bit)
        root = root === undefined ? subtree : nodeHash(subtree, root)
      }
    }
    return root ?? toHash(EMPTY_ROOT)
  }

  #push(level: number, hash: Hash, onFull: (tile: FullTile) => void): void {
    this.#levels[level] ??= []
    const hashes = this.#levels[level]
    hashes.push(hash)
    if (hashes.length < TILE_WIDTH) return
    this.#levels[level] = []
    const n = Math.floor(this.#size / TILE_WIDTH ** (level + 1)) - 1
    onFull({ level, n, hashes })
    this.#push(level + 1, tileRoot(hashes), onFull)
  }
}
