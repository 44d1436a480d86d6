import { setTimeout as pause } from 'node:timers/promises'
import { codeOf } from '../../shared/errors.js'
import type { Log } from '../../shared/log.js'
import type { EventSpool } from '../../shared/ports.js'
import type { JournalCounts } from './journal-counts.js'
import type { Queue } from './queue.js'

/** Events that are written and synced together; what comes meanwhile goes together into the next sync. */
const BATCH_EVENTS = 1_000

/** Between tries to write where the spool takes nothing, ms: room may be made, and nobody waits for it. */
const RETRY_MS = 1_000

/** Moves what waits for the database into the spool, as long as that takes it; what it does not take goes on waiting. */
export class Spooler {
  readonly #queue: Queue
  readonly #spool: EventSpool
  readonly #counts: JournalCounts
  readonly #log: Log
  #stopping: AbortController | undefined
  #moving: Promise<void> = Promise.resolve()
  #failing = false
  #wake: () => void = () => undefined

  constructor(queue: Queue, spool: EventSpool, counts: JournalCounts, log: Log) {
    this.#queue = queue
    this.#spool = spool
    this.#counts = counts
    this.#log = log
  }

  /** From now on all that waits, and all that comes, goes into the spool. Nobody may be waiting for an event of it. */
  start(): void {
    if (this.#stopping) return
    this.#stopping = new AbortController()
    this.#moving = this.#run(this.#stopping.signal)
  }

  /** Something has come into the queue. */
  wake(): void {
    this.#wake()
  }

  /** Moves no more; resolves once nothing is on its way. */
  async stop(): Promise<void> {
    this.#stopping?.abort()
    this.#wake()
    await this.#moving
    this.#stopping = undefined
  }

  /** Moves what waits now, as far as the spool takes it. Only while it rests. */
  async drain(): Promise<void> {
    while (this.#queue.canTake && (await this.#moveNext()));
  }

  async #run(resting: AbortSignal): Promise<void> {
    while (!resting.aborted) {
      if (!this.#queue.canTake) await this.#sleep()
      else if (!(await this.#moveNext()))
        await pause(RETRY_MS, undefined, { signal: resting }).catch(() => undefined)
    }
  }

  #sleep(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }

  async #moveNext(): Promise<boolean> {
    const batch = this.#queue.take(BATCH_EVENTS)
    const rows = batch.flatMap(entry => entry.rows)
    try {
      await this.#spool.append(rows)
      this.#counts.spooled += rows.length
      this.#queue.finish(batch)
      for (const { settle } of batch) settle()
      this.#failing = false
      return true
    } catch (error) {
      this.#queue.putBack(batch)
      if (!this.#failing) this.#log.error({ code: codeOf(error), reason: (error as Error).message }, CANNOT)
      this.#failing = true
      return false
    }
  }
}

const CANNOT = 'the spool takes no events: they wait in memory'
