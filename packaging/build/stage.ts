import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Modes of all that a package installs: only root may write, and every user may read. */
const FOLDER = 0o755
const FILE = 0o644
export const EXECUTABLE = 0o755

/** A folder that holds the files of a package, laid out as they will be installed. */
export class Stage {
  readonly dir: string

  /** @param dir an empty folder */
  constructor(dir: string) {
    this.dir = dir
    chmodSync(dir, FOLDER)
  }

  /** Copies a file. @param to path in the package, without a leading slash */
  copy(from: string, to: string, mode = FILE): void {
    copyFileSync(from, this.#place(to))
    chmodSync(join(this.dir, to), mode)
  }

  /** Writes a file. @param to path in the package, without a leading slash */
  write(to: string, content: string | Uint8Array, mode = FILE): void {
    writeFileSync(this.#place(to), content)
    chmodSync(join(this.dir, to), mode)
  }

  /** Makes a folder and those above it. */
  folder(path: string): void {
    for (let at = 0; at !== -1; ) {
      at = path.indexOf('/', at + 1)
      const folder = join(this.dir, at === -1 ? path : path.slice(0, at))
      mkdirSync(folder, { recursive: true })
      // Whatever the umask is.
      chmodSync(folder, FOLDER)
    }
  }

  #place(to: string): string {
    this.folder(dirname(to))
    return join(this.dir, to)
  }
}
