import { existsSync, readFileSync } from 'node:fs'
import { access, mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** One start of the machine: the monotonic clock begins anew with the next. */
const BOOT_ID = '/proc/sys/kernel/random/boot_id'

/** Where the anchor of a data folder is kept. */
export const anchorPath = (data: string): string => join(data, 'run', 'clock.json')

/**
 * What the machine's clock is held against by the next service as well: when, by that clock, the machine's monotonic clock
 * stood at zero. It holds until the machine is restarted. Only the first read waits for the disk, which may hang later.
 */
export class ClockAnchor {
  readonly #path: string
  readonly #boot: string
  /** Where our own monotonic clock has its zero on the machine's, ms. */
  readonly #start: number
  #placed: boolean
  #removed = false
  /** The zero to be written next; undefined if nothing is. */
  #wanted: number | undefined
  #working: Promise<void> | undefined

  /** @param data the data folder @param elapsed of the clock that is anchored, ms */
  constructor(data: string, elapsed: number) {
    this.#path = anchorPath(data)
    this.#boot = readText(BOOT_ID) ?? ''
    this.#start = Number(process.hrtime.bigint()) / 1e6 - elapsed
    this.#placed = existsSync(this.#path)
  }

  /**
   * When, by the trusted clock, ours stood at zero, ms since the epoch; undefined if nobody has said since the machine
   * started.
   */
  read(): number | undefined {
    try {
      const { boot, zero } = JSON.parse(readText(this.#path) ?? '{}') as { boot?: string; zero?: number }
      return boot === this.#boot && typeof zero === 'number' ? zero + this.#start : undefined
    } catch {
      return undefined
    }
  }

  /**
   * Writes the anchor, without waiting for the disk. If the write fails, only the next service lacks the anchor.
   *
   * @param zero when the monotonic clock stood at zero, ms since the epoch
   */
  write(zero: number): void {
    this.#wanted = zero
    this.#removed = false
    this.#work()
  }

  /** Whether somebody has removed the file, as far as the last look found. Each call starts a new look. */
  get removed(): boolean {
    this.#work()
    return this.#removed
  }

  /** Resolves once all writes and looks that were begun are done. */
  async idle(): Promise<void> {
    while (this.#working) await this.#working
  }

  /** Runs one operation at a time, so that a disk that hangs keeps only one thread. */
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
    // What was to be written meanwhile counts from now on, and nobody has taken that away.
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
