import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One start of the machine: the monotonic clock begins anew with the next. */
const BOOT_ID = '/proc/sys/kernel/random/boot_id'

/** Where the anchor of a data folder is kept. */
export const anchorPath = (data: string): string => join(data, 'run', 'clock.json')

/**
 * What the machine's clock is held against by the next service as well: when, by that clock, the machine's monotonic clock
 * stood at zero. Good until the machine is started anew.
 */
export class ClockAnchor {
  readonly #path: string
  readonly #boot: string
  /** Where our own monotonic clock has its zero on the machine's, ms. */
  readonly #start: number
  #placed: boolean

  /** @param data the data folder @param elapsed of the clock that is anchored, ms */
  constructor(data: string, elapsed: number) {
    this.#path = anchorPath(data)
    this.#boot = readText(BOOT_ID) ?? ''
    this.#start = Number(process.hrtime.bigint()) / 1e6 - elapsed
    this.#placed = existsSync(this.#path)
  }

  /** When, by the trusted clock, ours stood at zero, ms since the epoch; undefined if nobody has said since the machine started. */
  read(): number | undefined {
    try {
      const { boot, zero } = JSON.parse(readText(this.#path) ?? '{}') as { boot?: string; zero?: number }
      return boot === this.#boot && typeof zero === 'number' ? zero + this.#start : undefined
    } catch {
      return undefined
    }
  }

  /** A disk that does not take it costs the next service its knowledge, and nothing else. */
  write(zero: number): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
      writeFileSync(`${this.#path}.new`, JSON.stringify({ boot: this.#boot, zero: zero - this.#start }))
      renameSync(`${this.#path}.new`, this.#path)
      this.#placed = true
    } catch {
      this.#placed = false
    }
  }

  /** Somebody has taken it away. */
  get removed(): boolean {
    return this.#placed && existsSync(dirname(this.#path)) && !existsSync(this.#path)
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}
