import { existsSync, readFileSync } from 'node:fs'
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Id of the machine's present start. The monotonic clock begins again with each start. */
const BOOT_ID = '/proc/sys/kernel/random/boot_id'

/** Path of a data folder's anchor. */
export const anchorPath = (data: string): string => join(data, 'run', 'clock.json')

/**
 * A file that lets the next service detect a jump of the machine's clock. It holds the wall-clock time at which the machine's
 * monotonic clock was zero, and is valid until the machine restarts. Only the first read waits for the disk, because the disk
 * may hang later.
 */
export class ClockAnchor {
  readonly #path: string
  readonly #boot: string
  /** The zero of this process's monotonic clock, on the machine's monotonic clock, ms. */
  readonly #start: number
  #placed: boolean
  #removed = false
  /** The zero to be written next; undefined if nothing is. */
  #wanted: number | undefined
  #working: Promise<void> | undefined

  /**
   * @param data the data folder
   * @param elapsed the present reading of this process's monotonic clock, ms
   */
  constructor(data: string, elapsed: number) {
    this.#path = anchorPath(data)
    this.#boot = readText(BOOT_ID) ?? ''
    this.#start = Number(process.hrtime.bigint()) / 1e6 - elapsed
    this.#placed = existsSync(this.#path)
  }

  /**
   * The time at which this process's monotonic clock was zero, ms since the epoch. Undefined if no service has written the anchor
   * since the machine started.
   */
  read(): number | undefined {
    return this.#parse(readText(this.#path))
  }

  /** Reads the same time without waiting for the disk. */
  async readLater(): Promise<number | undefined> {
    return this.#parse(await readFile(this.#path, 'utf8').catch(() => undefined))
  }

  #parse(text = '{}'): number | undefined {
    try {
      const { boot, zero } = JSON.parse(text) as { boot?: string; zero?: number }
      return boot === this.#boot && typeof zero === 'number' ? zero + this.#start : undefined
    } catch {
      return undefined
    }
  }

  /**
   * Writes the anchor without waiting for the disk. If the write fails, the next service has no anchor.
   *
   * @param zero when this process's monotonic clock was zero, ms since the epoch
   */
  write(zero: number): void {
    this.#wanted = zero
    this.#removed = false
    this.#work()
  }

  /** True if the last check found the file removed. Each call starts a new check. */
  get removed(): boolean {
    this.#work()
    return this.#removed
  }

  /** Resolves once all started writes and checks have ended. */
  async idle(): Promise<void> {
    while (this.#working) await this.#working
  }

  /** Runs one operation at a time, so that a hung disk blocks only one thread. */
  #work(): void {
    this.#working ??= this.#next().finally(() => {
      this.#working = undefined
      if (this.#wanted !== undefined) this.#work()
    })
  }

  async #next(): Promise<void> {
    const zero = this.#wanted
    this.#wanted = undefined
    if (zero !== undefined) {
      this.#placed = await this.#save(zero)
      return
    }
    const removed = this.#placed && (await exists(dirname(this.#path))) && !(await exists(this.#path))
    // A write that was requested during the check will restore the file, so the check does not count.
    if (this.#wanted === undefined) this.#removed = removed
  }

  async #save(zero: number): Promise<boolean> {
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
      await writeFile(`${this.#path}.new`, JSON.stringify({ boot: this.#boot, zero: zero - this.#start }))
      await rename(`${this.#path}.new`, this.#path)
      return true
    } catch {
      return false
    }
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}
