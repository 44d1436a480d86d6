import { HASH_BYTES, type Hash, perfectRoot } from './hash.js'

/** Number of hashes in a full tile (C2SP tlog-tiles). */
export const TILE_WIDTH = 256

/** Names a tile. Level `entries` is the entry bundle of the leaves of tile `n` of level 0. */
export interface TileName {
  level: number | 'entries'
  n: number
  /** 1 to 256; below 256 the tile is partial. */
  width: number
}

/** A tile with all its hashes. */
export interface FullTile {
  level: number
  n: number
  hashes: Hash[]
}

/** Path of a tile below the log's prefix, such as `tile/0/x001/234.p/17`. */
export function tilePath({ level, n, width }: TileName): string {
  let path = String(n % 1000).padStart(3, '0')
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000))
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`
  return `tile/${level}/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

const PATH =
  /^tile\/(entries|0|[1-9]|[1-5]\d|6[0-3])\/((?:x\d{3}\/)*)(\d{3})(?:\.p\/([1-9]\d?|1\d\d|2[0-4]\d|25[0-5]))?$/

/** The inverse of `tilePath`. Undefined for any other path. */
export function parseTilePath(path: string): TileName | undefined {
  const [, level, high, low, width] = PATH.exec(path) ?? []
  if (level === undefined) return undefined
  const name: TileName = {
    level: level === 'entries' ? level : Number(level),
    n: Number(`${high!.replaceAll(/[x/]/g, '')}${low}`),
    width: width ? Number(width) : TILE_WIDTH,
  }
  return Number.isSafeInteger(name.n) && tilePath(name) === path ? name : undefined
}

/** The partial tiles of a tree of `size` leaves, from level 0 upwards. All tiles to their left are full. */
export function edgeTiles(size: number): { level: number; n: number; width: number }[] {
  const tiles: { level: number; n: number; width: number }[] = []
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    const width = count % TILE_WIDTH
    if (width > 0) tiles.push({ level, n: Math.floor(count / TILE_WIDTH), width })
  }
  return tiles
}

export const encodeTile = (hashes: readonly Hash[]): Buffer => Buffer.from(hashes.join(''), 'latin1')

export const decodeTile = (bytes: Buffer): Hash[] => {
  const text = bytes.toString('latin1')
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) =>
    text.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  )
}

/** The hash that a full tile contributes to the level above. */
export const tileRoot = (hashes: readonly Hash[]): Hash => perfectRoot(hashes)
