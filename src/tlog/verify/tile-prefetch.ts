import type { LogFiles } from '../log-files.js'
import { TILE_WIDTH, type TileName, tilePath } from '../tree/tile.js'

/** Where a verification takes tiles from. */
export interface TileSource {
  read(name: TileName): Promise<Buffer | undefined>
}

/** Tiles that are read one after the other: while one is looked at, the next is fetched. */
export class TilePrefetch implements TileSource {
  readonly #files: LogFiles
  /** By path, what was begun and not asked for yet: one a level. */
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
    // Whoever asks for it hears of it; until then it must not end the process.
    content.catch(() => undefined)
    this.#prefetched.set(path, content)
  }
}
