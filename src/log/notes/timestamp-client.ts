import { hash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { makeFolders } from '../../lib/files/make-folders.js'
import type { Log } from '../../lib/log.js'
import { type InsideHosts, requestOutgoing } from '../../lib/process/outgoing.js'
import { replaceDurably } from '../log-files.js'
import { checkpointOf } from './checkpoint.js'

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

/*
 * The two messages of the Time-Stamp Protocol (RFC 3161), in DER (ITU-T X.690). The client reads only what it needs to
 * accept an answer. Verifiers check the signature with `openssl ts -verify`, under a certificate that they trust.
 */

/** Bytes of a nonce. */
const NONCE_BYTES = 8

/** `id-sha256`, with the NULL of its parameters. */
const SHA256 = Buffer.from('300d06096086480165030402010500', 'hex')
/** `id-ct-TSTInfo`. */
const TST_INFO = Buffer.from('060b2a864886f70d0109100104', 'hex')

const der = (tag: number, ...contents: Uint8Array[]): Buffer => {
  const body = Buffer.concat(contents)
  // No message here is longer than 127 bytes, so its length is one byte.
  return Buffer.concat([Buffer.of(tag, body.length), body])
}

/** A request to time-stamp bytes, with the values that an answer must contain. */
interface TimestampQuery {
  /** A `TimeStampReq`, for `application/timestamp-query`. */
  request: Buffer
  /** The `MessageImprint`, and the nonce as an INTEGER. */
  imprint: Buffer
  nonce: Buffer
}

/** Asks for a time stamp of the SHA-256 of these bytes, with the certificate of the signer and a fresh nonce. */
function timestampQuery(content: Uint8Array | string): TimestampQuery {
  const digest = hash('sha256', Buffer.from(content), 'buffer')
  const imprint = der(0x30, SHA256, der(0x04, digest))
  const number = randomBytes(NONCE_BYTES)
  // A DER INTEGER is the shortest one, and positive: its first byte is from 0x40 to 0x7f.
  number[0] = (number[0]! & 0x3f) | 0x40
  const nonce = der(0x02, number)
  return {
    request: der(0x30, der(0x02, Buffer.of(1)), imprint, nonce, der(0x01, Buffer.of(0xff))),
    imprint,
    nonce,
  }
}

/** Statuses of a `PKIStatusInfo` that come with a token: `granted` and `grantedWithMods`. */
const GRANTED = [0, 1]

/**
 * Finds why an answer is not a time stamp for the query. The signature is not verified.
 *
 * @param answer a `TimeStampResp`
 * @returns a message; undefined if it is a time stamp
 */
function faultOfAnswer(answer: Uint8Array, { imprint, nonce }: TimestampQuery): string | undefined {
  const bytes = Buffer.from(answer)
  const outer = elementAt(bytes, 0)
  const info = outer?.tag === 0x30 ? elementAt(bytes, outer.from) : undefined
  const status = info?.tag === 0x30 ? elementAt(bytes, info.from) : undefined
  if (outer?.to !== bytes.length || status?.tag !== 0x02 || status.to - status.from !== 1)
    return 'it is no answer of the Time-Stamp Protocol'
  const code = bytes[status.from]!
  if (!GRANTED.includes(code)) return `the server refused with status ${code}`
  const at = bytes.indexOf(TST_INFO, info!.to)
  if (at < 0) return 'it has no token'
  if (bytes.indexOf(imprint, at) < 0) return 'it is for something else'
  return bytes.indexOf(nonce, at) < 0 ? 'it answers another request' : undefined
}

/** The element at an offset: its tag, and where its contents begin and end. Undefined if it exceeds the bytes. */
function elementAt(bytes: Buffer, at: number): { tag: number; from: number; to: number } | undefined {
  const [tag, first] = [bytes[at], bytes[at + 1]]
  if (tag === undefined || first === undefined) return undefined
  const more = first < 0x80 ? 0 : first & 0x7f
  if (more > 4 || at + 2 + more > bytes.length || first === 0x80) return undefined
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more)
  const from = at + 2 + more
  return from + length <= bytes.length ? { tag, from, to: from + length } : undefined
}
