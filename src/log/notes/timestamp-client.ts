import { join } from 'node:path'
import { makeFolders } from '../../lib/files/make-folders.js'
import type { Log } from '../../lib/log.js'
import { type InsideHosts, requestOutgoing } from '../../lib/process/outgoing.js'
import { replaceDurably } from '../log-files.js'
import { checkpointOf } from './checkpoint.js'
import { faultOfAnswer, timestampQuery } from './timestamp-query.js'

/** Longest time for a server to answer, ms. The log does not wait for it. */
const ANSWER_MS = 10_000

/** Longest time for a request once the service stops, ms. */
const FINISH_MS = 3_000

/** Most bytes of an answer. With a chain of certificates it has about 6 KB. */
const MAX_BYTES = 65_536

/** Least time between two time stamps, ms. Public servers ask for few requests. */
export const STAMP_EVERY_MS = 600_000

/** Wait after a failed request, ms. */
const RETRY_MS = 60_000

/** The folder of time stamps, in the log's folder. */
const FOLDER = 'timestamps'

export interface TimestampOptions {
  /** Address of a server (RFC 3161, section 3.4). */
  url: string
  /** Hosts that may have internal addresses. */
  inside?: InsideHosts | undefined
  /** The log's folder. */
  dir: string
  log: Log
  /** As `STAMP_EVERY_MS` and `RETRY_MS`. */
  everyMs?: number | undefined
  retryMs?: number | undefined
}

/**
 * Has checkpoints time-stamped by a server (RFC 3161), the newest every ten minutes. The stamped checkpoint and the
 * answer are in the log's folder, as `timestamps/SIZE` and `timestamps/SIZE.tsr`.
 */
export class TimestampClient {
  readonly #options: TimestampOptions
  readonly #abort = new AbortController()
  #stopped = false
  #working: Promise<void> | undefined
  #stampedSize = 0
  /** When the next request may be made, by `performance.now()`, ms. */
  #nextAt = 0
  #fault: string | undefined

  constructor(options: TimestampOptions) {
    this.#options = options
  }

  /** Why the last request returned no time stamp. Undefined if it did. */
  get fault(): string | undefined {
    return this.#fault
  }

  /** Whether a time stamp is due, for the checkpoint of this size. */
  wants(size: number): boolean {
    return !this.#working && !this.#stopped && size > this.#stampedSize && performance.now() >= this.#nextAt
  }

  /** Requests a time stamp for a checkpoint for which `wants` returned true. Returns at once. */
  stamp(note: string): void {
    this.#working = this.#request(note).finally(() => {
      this.#working = undefined
    })
  }

  /** Waits for the running request, at most 3 s. No further request is possible. */
  async stop(): Promise<void> {
    this.#stopped = true
    const timer = setTimeout(() => this.#abort.abort(), FINISH_MS)
    await this.#working
    clearTimeout(timer)
  }

  async #request(note: string): Promise<void> {
    const { size } = checkpointOf(note)!
    const { dir, everyMs = STAMP_EVERY_MS, retryMs = RETRY_MS } = this.#options
    try {
      const answer = await this.#ask(note)
      const folder = join(dir, FOLDER)
      await makeFolders(folder)
      await replaceDurably(join(folder, `${size}`), note)
      await replaceDurably(join(folder, `${size}.tsr`), answer)
      this.#stampedSize = size
      this.#nextAt = performance.now() + everyMs
      this.#report(undefined)
    } catch (error) {
      this.#nextAt = performance.now() + retryMs
      this.#report((error as Error).message)
    }
  }

  async #ask(note: string): Promise<Buffer> {
    const query = timestampQuery(note)
    const { url, inside = [] } = this.#options
    const { status, body: answer } = await requestOutgoing(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query' },
      body: new Uint8Array(query.request),
      ...{ ms: ANSWER_MS, mostBytes: MAX_BYTES, inside, signal: this.#abort.signal },
    })
    if (status !== 200) throw new Error(`the server answered with status ${status}`)
    const fault = faultOfAnswer(answer, query)
    if (fault !== undefined) throw new Error(`the answer is no time stamp: ${fault}`)
    return answer
  }

  #report(fault: string | undefined): void {
    if (fault === this.#fault) return
    const { url, log } = this.#options
    if (fault) log.error({ server: url, fault }, 'checkpoints are not time-stamped')
    else log.info({ server: url }, 'checkpoints are time-stamped')
    this.#fault = fault
  }
}
