import { lstat } from 'node:fs/promises'
import type { AlarmKind, Trouble } from '../../shared/alarms.js'

/** Something that recordings need and that can be tried. */
export interface Probe {
  alarm: AlarmKind
  /** Rejects if it does not work. */
  attempt(): Promise<unknown>
  /** Gets the result of each attempt. */
  tried?(works: boolean): void
}

/** A store that takes longer for a few bytes counts as hanging, ms: twice the time that a recording waits for it. */
const PATIENCE_MS = 3_000

/** Tries what recordings need, one after the other's answer but never one twice at once: what hangs is not asked again. */
export class Probes {
  readonly #probes: readonly Probe[]
  readonly #patienceMs: number
  readonly #running = new Map<Probe, Promise<string | undefined>>()

  /** @param patienceMs what takes longer does not work */
  constructor(probes: readonly Probe[], patienceMs = PATIENCE_MS) {
    this.#probes = probes
    this.#patienceMs = patienceMs
  }

  /** What does not work now; the first of each kind. */
  async troubles(): Promise<Trouble[]> {
    const found = await Promise.all(
      this.#probes.map(async probe => {
        const detail = await this.#try(probe)
        probe.tried?.(detail === undefined)
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
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<string>(resolve => {
      timer = setTimeout(() => resolve(`no answer within ${this.#patienceMs / 1000} s`), this.#patienceMs)
      timer.unref()
    })
    return Promise.race([running, late]).finally(() => clearTimeout(timer))
  }
}

/** The folder of the pipes stands, and is a folder. Whether pipes can be made in it, the keeper says when it makes them. */
export async function tapFolderStands(folder: string): Promise<void> {
  const stat = await lstat(folder).catch(() => undefined)
  if (!stat) throw new Error('the tap folder is gone')
  if (!stat.isDirectory()) throw new Error('the tap folder is no folder')
}
