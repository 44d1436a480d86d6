import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SUFFIXES } from './protocol.js'

const run = promisify(execFile)

/** Names of pipes. */
const PIPE_NAME = /^([0-9a-f]{24})\.(?:rx|tx)\.alaw$/

/** Mode of a pipe: the keeper may read and write, the group of Asterisk may write. */
const PIPE_MODE = '0620'

/** Limit for one run of `mkfifo`, ms. It usually takes 2 ms. */
const MKFIFO_TIMEOUT = 5_000

/** The tap folder cannot be used. The message includes the remedy. */
export class TapFolderError extends Error {}

/**
 * The folder of the pipes. Asterisk must not be able to make files in it, because `MixMonitor` makes a missing file and
 * writes plaintext to it. There are two arrangements:
 *
 * - If the folder has another group than the keeper, it is Asterisk's group. The mode is 2750, so that new pipes get
 *   that group.
 * - Otherwise Asterisk runs as the same user. The mode is 0500, except while the keeper makes or removes pipes.
 */
export class TapFolder {
  readonly dir: string
  /** Number of running operations that need the folder writable. */
  #writableUses = 0

  constructor(dir: string) {
    this.dir = dir
  }

  /** Makes the folder if it is missing, and sets its mode. @throws TapFolderError; the system's error */
  prepare(): void {
    mkdirSync(this.dir, { recursive: true, mode: 0o700 })
    const stat = lstatSync(this.dir)
    if (!stat.isDirectory())
      throw new TapFolderError(`${this.dir} is not a folder: remove it, or name another folder`)
    if (stat.uid !== process.geteuid?.()) {
      throw new TapFolderError(`${this.dir} belongs to another user: make the user of the service its owner`)
    }
    if (this.#writableUses > 0) return
    const mode = this.#groupOfAsterisk() ? 0o2750 : 0o500
    if ((stat.mode & 0o7777) !== mode) {
      this.#refuseOtherFiles()
      chmodSync(this.dir, mode)
    }
    if ((lstatSync(this.dir).mode & 0o7777) !== mode) {
      throw new TapFolderError(
        `${this.dir} cannot get mode ${mode.toString(8)}: add the user of the service to its group, or set that mode`,
      )
    }
  }

  /** Makes pairs of pipes with random names. @returns their prefixes @throws TapFolderError, or the system's error */
  async makePairs(count: number): Promise<string[]> {
    const prefixes = Array.from({ length: count }, () => join(this.dir, randomBytes(12).toString('hex')))
    const paths = prefixes.flatMap(prefix => SUFFIXES.map(suffix => prefix + suffix))
    this.prepare()
    try {
      await this.#whileWritable(() => run('mkfifo', ['-m', PIPE_MODE, ...paths], { timeout: MKFIFO_TIMEOUT }))
    } catch (error) {
      // Some of them may exist, and no pair owns them.
      await this.remove(prefixes).catch(() => {})
      throw error
    }
    return prefixes
  }

  /**
   * Removes the pipes with these prefixes. A missing pipe is no error.
   * @throws the system's error for the first pipe that cannot be removed; all others are removed
   */
  async remove(prefixes: readonly string[]): Promise<void> {
    if (!existsSync(this.dir)) return
    const failures: unknown[] = []
    await this.#whileWritable(async () => {
      for (const path of prefixes.flatMap(prefix => SUFFIXES.map(suffix => prefix + suffix))) {
        try {
          unlinkSync(path)
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') failures.push(error)
        }
      }
    })
    if (failures.length > 0) throw failures[0]
  }

  /** Returns the prefixes of all pipes in the folder. */
  list(): string[] {
    const prefixes = readdirSync(this.dir).flatMap(name => PIPE_NAME.exec(name)?.[1] ?? [])
    return [...new Set(prefixes)].map(prefix => join(this.dir, prefix))
  }

  /** Whether both pipes of a pair exist. */
  intact(prefix: string): boolean {
    return SUFFIXES.every(suffix => existsSync(prefix + suffix))
  }

  /** Refuses a folder with other files, so that its mode is not changed. @throws TapFolderError */
  #refuseOtherFiles(): void {
    const other = readdirSync(this.dir).find(name => !PIPE_NAME.test(name))
    if (other === undefined) return
    throw new TapFolderError(
      `${this.dir} contains other files, such as ${other}: name an empty folder for the pipes`,
    )
  }

  #groupOfAsterisk(): boolean {
    return lstatSync(this.dir).gid !== process.getegid?.()
  }

  /** Makes the folder writable while `use` runs. Uses may overlap: the last one makes the folder read-only again. */
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
