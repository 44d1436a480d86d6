import type { Checkpoint } from '../notes/checkpoint.js'
import { decodeBundle } from '../tree/bundle.js'
import { HASH_BYTES, type Hash, leafHash } from '../tree/hash.js'
import { decodeTile, edgeTiles, TILE_WIDTH, tilePath, tileRoot } from '../tree/tile.js'
import { RightEdge } from '../tree/tree-hashes.js'
import type { Faults } from './faults.js'
import type { TileSource } from './tile-prefetch.js'

/** Tile `n` of level 0, with what follows from the signed root for its leaves. */
export interface LeafTile {
  n: number
  width: number
  /** Leaf hashes that follow from the signed root. Undefined if no tile gives them. */
  trusted: Hash[] | undefined
  /** Root of a full tile, if the root follows from the signed root. */
  root: Hash | undefined
  /** The hashes in the tile, trusted or not. */
  claimed: Hash[] | undefined
}

/** Position of one tile in the tree. */
interface TilePosition {
  level: number
  n: number
  width: number
}

/**
 * The tiles of a log, trusted only if they follow from a signed root. From the top downwards, each tile is compared
 * with its hash in the tile above. If it differs, it is rebuilt from the tiles below and compared again.
 */
export class TrustedTiles {
  readonly #files: TileSource
  readonly #head: Checkpoint
  readonly #faults: Faults
  /** Whether the tiles of the right edge give the signed root. */
  givesSignedRoot = true

  constructor(files: TileSource, head: Checkpoint, faults: Faults) {
    this.#files = files
    this.#head = head
    this.#faults = faults
  }

  /** All tiles of level 0, in order. */
  async *leafTiles(): AsyncGenerator<LeafTile> {
    const places = edgeTiles(this.#head.size)
    const edges = await this.#trustedRightEdge(places)
    for (const [i, place] of [...places.entries()].reverse()) {
      const hashes = edges?.[i]
      const claimed = hashes ?? (await this.#readTile(place))
      if (place.level === 0) yield { ...place, trusted: hashes, root: undefined, claimed }
      else yield* this.#tilesBelow(place, hashes)
    }
  }

  async *#tilesBelow(
    { level, n, width }: TilePosition,
    hashes: Hash[] | undefined,
  ): AsyncGenerator<LeafTile> {
    for (let i = 0; i < width; i++) {
      const place = { level: level - 1, n: n * TILE_WIDTH + i, width: TILE_WIDTH }
      const root = hashes?.[i]
      const stored = await this.#readTile(place)
      const trusted = root === undefined ? undefined : await this.#trustedHashes(place, stored, root)
      if (place.level === 0) yield { ...place, trusted, root, claimed: stored }
      else yield* this.#tilesBelow(place, trusted)
    }
  }

  /** The hashes of a full tile with this root, stored or rebuilt. Undefined if neither has the root. */
  async #trustedHashes(
    place: TilePosition,
    stored: Hash[] | undefined,
    root: Hash,
  ): Promise<Hash[] | undefined> {
    if (stored && tileRoot(stored) === root) return stored
    this.#reportForged(place, stored)
    const other = await this.#rebuildTile(place)
    return other && tileRoot(other) === root ? other : undefined
  }

  /**
   * The tiles of the right edge that give the signed root, each stored or rebuilt. Undefined if no combination gives
   * it.
   */
  async #trustedRightEdge(places: TilePosition[]): Promise<Hash[][] | undefined> {
    const stored = await Promise.all(places.map(place => this.#readTile(place)))
    if (stored.every(tile => tile !== undefined) && this.#givesRoot(stored)) return stored
    const below = await Promise.all(places.map(place => this.#rebuildTile(place)))
    for (let choice = 1; choice < 2 ** places.length; choice++) {
      const mixed = places.map((_, i) => ((choice >> i) & 1 ? below[i] : stored[i]))
      if (!mixed.every(tile => tile !== undefined) || !this.#givesRoot(mixed)) continue
      for (const [i, place] of places.entries())
        if (mixed[i] !== stored[i]) this.#reportForged(place, stored[i])
      return mixed
    }
    this.givesSignedRoot = false
    return undefined
  }

  #givesRoot(edges: Hash[][]): boolean {
    return new RightEdge(this.#head.size, edges).root() === this.#head.root
  }

  async #readTile(place: TilePosition): Promise<Hash[] | undefined> {
    const bytes = await this.#files.read(place)
    return bytes?.length === place.width * HASH_BYTES ? decodeTile(bytes) : undefined
  }

  /** Rebuilds a tile from the tiles or the entry bundle below it. */
  async #rebuildTile({ level, n, width }: TilePosition): Promise<Hash[] | undefined> {
    if (level === 0) {
      const leaves = decodeBundle((await this.#files.read({ level: 'entries', n, width })) ?? Buffer.of())
      return leaves.length === width ? leaves.map(leafHash) : undefined
    }
    const hashes: Hash[] = []
    for (let i = 0; i < width; i++) {
      const place = { level: level - 1, n: n * TILE_WIDTH + i, width: TILE_WIDTH }
      const tile = (await this.#readTile(place)) ?? (await this.#rebuildTile(place))
      if (!tile) return undefined
      hashes.push(tileRoot(tile))
    }
    return hashes
  }

  #reportForged(place: TilePosition, stored: Hash[] | undefined): void {
    const what = stored ? 'it does not follow from the signed root' : 'it is missing or incomplete'
    this.#faults.add('tile-forged', tilePath(place), what)
  }
}
