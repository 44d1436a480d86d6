import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SUFFIXES } from './protocol.js'

const run = promisify(execFile)

/** Names have 24 hex digits; those of earlier versions had 32. */
const PIPE_NAME = /^([0-9a-f]{24}|[0-9a-f]{32})\.(rx|tx)\.alaw$/

/** Asterisk may write, only the keeper may read. */
const PIPE_MODE = '0620'

/** ms; `mkfifo` takes two. */
const MKFIFO_TIMEOUT = 5_000

/** A tap folder that cannot be used; the message says what to do. */
export class TapFolderError extends Error {}

/**
 * The folder of the pipes. Asterisk must not be able to make files in it, because `MixMonitor` makes any file that
 * is missing, with plaintext in it. Two arrangements:
 *
 * - the folder's group is not our own: it is Asterisk's, and gets in by it (2750, so that pipes take that group);
 * - otherwise Asterisk runs as our user, and nobody may write (0500), except while we make or remove pipes.
 */
export class TapFolder {
  readonly dir: string
  /** Uses that need the folder writable, now. */
  #writableUses = 0

  constructor(dir: string) {
    this.dir = dir
  }

  /** Makes the folder if it is missing, and sets its mode. @throws TapFolderError */
  prepare(): void {
    mkdirSync(this.dir, { recursive: true, mode: 0o700 })
    const stat = lstatSync(this.dir)
    if (!stat.isDirectory()) throw new TapFolderError(`${this.dir} is no folder`)
    if (stat.uid !== process.geteuid?.()) {
      throw new TapFolderError(`${this.dir} belongs to another user; give it to the user of the service`)
    }
    if (this.#writableUses > 0) return
    const mode = this.#groupOfAsterisk() ? 0o2750 : 0o500
    if ((stat.mode & 0o7777) !== mode) {
      this.#refuseOtherFiles()
      chmodSync(this.dir, mode)
    }
    if ((lstatSync(this.dir).mode & 0o7777) !== mode) {
      throw new TapFolderError(
        `${this.dir} cannot take mode ${mode.toString(8)}; join its group, or set that mode`,
      )
    }
  }

  /** Makes pairs with fresh random names; gives their prefixes. */
  async makePairs(count: number): Promise<string[]> {
    const prefixes = Array.from({ length: count }, () => join(this.dir, randomBytes(12).toString('hex')))
    const paths = prefixes.flatMap(prefix => SUFFIXES.map(suffix => prefix + suffix))
    this.prepare()
    await this.#whileWritable(() => run('mkfifo', ['-m', PIPE_MODE, ...paths], { timeout: MKFIFO_TIMEOUT }))
    return prefixes
  }

  /** Removes the pipes of these prefixes; what is missing already is no error. */
  async remove(prefixes: string[]): Promise<void> {
    if (!existsSync(this.dir)) return
    await this.#whileWritable(async () => {
      for (const prefix of prefixes) {
        for (const suffix of SUFFIXES) {
          try {
            unlinkSync(prefix + suffix)
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
          }
        }
      }
    })
  }

  /** Prefixes of everything in the folder that has a name of ours. */
  list(): string[] {
    const prefixes = readdirSync(this.dir).flatMap(name => PIPE_NAME.exec(name)?.[1] ?? [])
    return [...new Set(prefixes)].map(prefix => join(this.dir, prefix))
  }

  /** Whether both pipes of a pair are where they were made. */
  intact(prefix: string): boolean {
    return SUFFIXES.every(suffix => existsSync(prefix + suffix))
  }

  /** Another's folder must not get a mode that suits us. @throws TapFolderError */
  #refuseOtherFiles(): void {
    const other = readdirSync(this.dir).find(name => !PIPE_NAME.test(name))
    if (other === undefined) return
    throw new TapFolderError(
      `${this.dir} holds other things, such as ${other}: give pipes a folder of their own`,
    )
  }

  #groupOfAsterisk(): boolean {
    return lstatSync(this.dir).gid !== process.getegid?.()
  }

  /** Uses may overlap: the last one closes the folder again. */
  async #whileWritable<T>(use: () => Promise<T>): Promise<T> {
    if (this.#groupOfAsterisk()) return use()
    if (this.#writableUses++ === 0) chmodSync(this.dir, 0o700)
    try {
      return await use()
    } finally {
      if (--this.#writableUses === 0 && existsSync(this.dir)) chmodSync(this.dir, 0o500)
    }
  }
}
