import { lstat } from 'node:fs/promises'
import type { AlarmKind, Trouble } from '../../shared/alarms.js'
import { backgroundTimers } from '../../shared/clock.js'
import { withDeadline } from '../../shared/deadline.js'

/** An attempt to use something that recordings need. */
export interface Probe {
  alarm: AlarmKind
  /** Rejects if it does not work. */
  attempt(): Promise<unknown>
  /** Gets the result of each attempt. */
  onResult?(works: boolean): void
}

/** How long an attempt may take, ms: twice the time that a recording waits for a store. */
const TIMEOUT_MS = 3_000

/** Runs all probes at once, but no probe twice at once: a probe that hangs is not started again. */
export class Probes {
  readonly #probes: readonly Probe[]
  readonly #timeoutMs: number
  readonly #running = new Map<Probe, Promise<string | undefined>>()

  /** @param timeoutMs how long an attempt may take, ms */
  constructor(probes: readonly Probe[], timeoutMs = TIMEOUT_MS) {
    this.#probes = probes
    this.#timeoutMs = timeoutMs
  }

  /** The probes that fail now, one for each alarm. */
  async troubles(): Promise<Trouble[]> {
    const found = await Promise.all(
      this.#probes.map(async probe => {
        const detail = await this.#try(probe)
        probe.onResult?.(detail === undefined)
        return { alarm: probe.alarm, detail }
      }),
    )
    const failed = found.flatMap(({ alarm, detail }) => (detail === undefined ? [] : [{ alarm, detail }]))
    return failed.filter(({ alarm }, i) => failed.findIndex(other => other.alarm === alarm) === i)
  }

  async #try(probe: Probe): Promise<string | undefined> {
    let running = this.#running.get(probe)
    if (!running) {
      running = probe.attempt().then(
        () => undefined,
        (error: Error) => error.message,
      )
      this.#running.set(probe, running)
      void running.then(() => this.#running.delete(probe))
    }
    const error = () => new Error(`no answer within ${this.#timeoutMs / 1000} s`)
    return withDeadline(running, { clock: backgroundTimers, ms: this.#timeoutMs, error }).catch(
      (late: Error) => late.message,
    )
  }
}

/** Rejects unless the tap folder exists. The keeper reports whether pipes can be made in it. */
export async function checkTapFolder(folder: string): Promise<void> {
  const stat = await lstat(folder).catch(() => undefined)
  if (!stat) throw new Error('the tap folder is gone')
  if (!stat.isDirectory()) throw new Error('the tap folder is no folder')
}
