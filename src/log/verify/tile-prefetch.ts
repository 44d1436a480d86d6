import type { LogFiles } from '../log-files.js'
import { TILE_WIDTH, type TileName, tilePath } from '../tree/tile.js'

/** Gives tiles to a verification. */
export interface TileSource {
  read(name: TileName): Promise<Buffer | undefined>
}

/** Reads tiles in sequence. While one tile is verified, the next one of its level is read. */
export class TilePrefetch implements TileSource {
  readonly #files: LogFiles
  /** Reads in flight by path, one per level. */
  readonly #prefetched = new Map<string, Promise<Buffer | undefined>>()

  constructor(files: LogFiles) {
    this.#files = files
  }

  read(name: TileName): Promise<Buffer | undefined> {
    const path = tilePath(name)
    const content = this.#prefetched.get(path) ?? this.#files.read(name)
    this.#prefetched.delete(path)
    if (name.width === TILE_WIDTH) this.#prefetch({ ...name, n: name.n + 1 })
    return content
  }

  #prefetch(name: TileName): void {
    const path = tilePath(name)
    if (this.#prefetched.has(path)) return
    const content = this.#files.read(name)
    // The next `read` of this tile reports the error. Until then it must not end the process as unhandled.
    content.catch(() => undefined)
    this.#prefetched.set(path, content)
  }
}
