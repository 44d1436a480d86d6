import { AppError } from '../../core/errors.js'
import type { LogFiles } from '../log-files.js'
import { EMPTY_ROOT, type Hash, nodeHash, perfectRoot, splitPoint, toHash } from './hash.js'
import type { LeafRange } from './proof.js'
import { decodeTile, edgeTiles, type FullTile, TILE_WIDTH, tilePath, tileRoot } from './tile.js'

/** Tree levels per tile: 2^8 is `TILE_WIDTH`. */
const TILE_HEIGHT = 8

/** Merkle Tree Hashes of any range of a tree, computed from the tiles on disk. */
export class TreeHashes {
  readonly #files: LogFiles
  readonly #size: number
  /** Hashes of the perfect subtrees of each tile, by height. Cached, because paths of neighbouring leaves overlap. */
  readonly #tiles = new Map<string, Promise<Hash[][]>>()

  /** @param size leaves of the tree */
  constructor(files: LogFiles, size: number) {
    this.#files = files
    this.#size = size
  }

  /** @throws AppError `not-found` if a tile is missing */
  hashesOf(ranges: readonly LeafRange[]): Promise<Hash[]> {
    return Promise.all(ranges.map(range => this.hashOf(range)))
  }

  /** @throws AppError `not-found` if a tile is missing */
  async hashOf({ from, to }: LeafRange): Promise<Hash> {
    const leaves = to - from
    const k = leaves === 1 ? 1 : splitPoint(leaves) * 2
    if (leaves === k && from % k === 0) return this.#perfect(Math.log2(k), from / k)
    const middle = from + splitPoint(leaves)
    const [left, right] = await this.hashesOf([
      { from, to: middle },
      { from: middle, to },
    ])
    return nodeHash(left!, right!)
  }

  /** Root of the `index`-th perfect subtree of `height`. */
  async #perfect(height: number, index: number): Promise<Hash> {
    const level = Math.floor(height / TILE_HEIGHT)
    const inTile = height % TILE_HEIGHT
    const width = TILE_WIDTH / 2 ** inTile
    const heights = await this.#tile(level, Math.floor(index / width))
    return heights[inTile]![index % width]!
  }

  #tile(level: number, n: number): Promise<Hash[][]> {
    const inLevel = Math.floor(this.#size / TILE_WIDTH ** level)
    const name = { level, n, width: Math.min(TILE_WIDTH, inLevel - n * TILE_WIDTH) }
    const path = tilePath(name)
    let tile = this.#tiles.get(path)
    if (!tile) {
      tile = this.#files.read(name).then(bytes => {
        if (bytes) return heightsOf(decodeTile(bytes))
        throw new AppError('not-found', `The log has no ${path} in ${this.#files.dir}.`)
      })
      this.#tiles.set(path, tile)
    }
    return tile
  }
}

/** The hashes of all perfect subtrees in a tile, by height. */
function heightsOf(hashes: Hash[]): Hash[][] {
  const heights = [hashes]
  for (let below = hashes; below.length > 1; below = heights.at(-1)!) {
    const pairs = Math.floor(below.length / 2)
    heights.push(Array.from({ length: pairs }, (_, i) => nodeHash(below[2 * i]!, below[2 * i + 1]!)))
  }
  return heights
}

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
