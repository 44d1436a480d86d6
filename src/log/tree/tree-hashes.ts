import { AppError } from '../../core/errors.js'
import type { LogFiles } from '../log-files.js'
import { type Hash, nodeHash, splitPoint } from './hash.js'
import type { LeafRange } from './proof.js'
import { decodeTile, TILE_WIDTH, tilePath } from './tile.js'

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
