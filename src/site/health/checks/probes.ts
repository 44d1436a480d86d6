import { lstat } from 'node:fs/promises'
import type { AlarmKind, Trouble } from '../../../core/alarms.js'
import { backgroundTimers } from '../../../core/clock.js'
import { waitAtMost } from '../../../lib/deadline.js'
import { watchWork } from '../../../lib/watch-work.js'

/** An attempt to use a part that recordings need. */
export interface Probe {
  alarm: AlarmKind
  /**
   * Rejects if the part does not work.
   *
   * @param underWay called with the duration of the attempt, ms, by the process that makes it. See `watchWork`
   */
  attempt(underWay: (ms: number) => void): Promise<unknown>
  /** Gets the result of each attempt. */
  onResult?(works: boolean): void
}

interface ProbeTimes {
  /** Longest attempt, ms. */
  attemptMs: number
  /** Longest silence of the process that makes the attempt, ms. Only time in which this process runs counts. */
  silentMs: number
  /** Longest wait of one check, ms. Without a result by then, the former one stays. */
  lookMs: number
}

/**
 * An attempt may take twice as long as a recording waits for a store. The prober starts in 0.1 s, and in some seconds
 * on a busy machine.
 */
const TIMES: ProbeTimes = { attemptMs: 3_000, silentMs: 15_000, lookMs: 4_000 }

interface Attempt {
  /** Why it does not work; null if it does; undefined while unknown. */
  found: string | null | undefined
  /** Resolves when the result is known. */
  readonly known: Promise<void>
}

/** Runs all probes at once. A hanging probe is not started again. */
export class Probes {
  readonly #probes: readonly Probe[]
  readonly #times: ProbeTimes
  readonly #running = new Map<Probe, Attempt>()
  /** The last result of each probe, as `Attempt.found`. */
  readonly #found = new Map<Probe, string | null>()

  constructor(probes: readonly Probe[], times: Partial<ProbeTimes> = {}) {
    this.#probes = probes
    this.#times = { ...TIMES, ...times }
  }

  /** Runs the probes. @returns the failures, one for each alarm */
  async troubles(): Promise<Trouble[]> {
    const found = await Promise.all(
      this.#probes.map(async probe => ({ alarm: probe.alarm, detail: await this.#look(probe) })),
    )
    const failed = found.flatMap(({ alarm, detail }) => (detail === null ? [] : [{ alarm, detail }]))
    return failed.filter(({ alarm }, i) => failed.findIndex(other => other.alarm === alarm) === i)
  }

  /** Returns why the part does not work; null if it does, or without any result. */
  async #look(probe: Probe): Promise<string | null> {
    const attempt = this.#running.get(probe) ?? this.#start(probe)
    await waitAtMost(backgroundTimers, this.#times.lookMs, attempt.known)
    if (attempt.found !== undefined) {
      this.#found.set(probe, attempt.found)
      probe.onResult?.(attempt.found === null)
    }
    return this.#found.get(probe) ?? null
  }

  #start(probe: Probe): Attempt {
    let resolve = () => {}
    const known = new Promise<void>(done => {
      resolve = done
    })
    const attempt: Attempt = { found: undefined, known }
    const find = (found: string | null) => {
      attempt.found = found
      resolve()
    }
    const { attemptMs, silentMs } = this.#times
    const late = () => find(`no answer within ${attemptMs / 1_000} s`)
    const work = probe.attempt(ms => void (ms >= attemptMs && late()))
    watchWork(work, ms => void (ms >= silentMs && late())).then(
      () => find(null),
      (error: Error) => find(error.message),
    )
    this.#running.set(probe, attempt)
    const over = () => void this.#running.delete(probe)
    void work.then(over, over)
    return attempt
  }
}

/** Rejects unless the tap folder exists. The keeper reports whether pipes can be made in it. */
export async function checkTapFolder(folder: string): Promise<void> {
  const stat = await lstat(folder).catch(() => undefined)
  if (!stat) throw new Error('the tap folder is gone')
  if (!stat.isDirectory()) throw new Error('the tap folder is no folder')
}
