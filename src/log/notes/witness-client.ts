import type { Log } from '../../lib/log.js'
import { counted } from '../../lib/plural.js'
import { type Answered, type InsideHosts, requestOutgoing } from '../../lib/process/outgoing.js'
import type { LogFiles } from '../log-files.js'
import { toBytes } from '../tree/hash.js'
import { consistencyRanges } from '../tree/proof.js'
import { TreeHashes } from '../tree/tree-hashes.js'
import { checkpointOf } from './checkpoint.js'
import { parseNote, parseSignature, type Verifier, verifies } from './note.js'

/** Longest time for a witness to answer, ms. The log does not wait for it. */
const ANSWER_MS = 10_000

/** Most bytes of an answer: a size, or some signatures of 200 bytes each. */
const MAX_BYTES = 65_536

/** Address and key of a witness. */
export interface Witness {
  /** Its submission prefix, without a slash at the end. */
  url: string
  verifier: Verifier
  /** `verifier` as a C2SP verifier key. */
  key: string
  /** Hosts that may have internal addresses. */
  inside?: InsideHosts | undefined
}

/** Submits checkpoints to one witness (C2SP tlog-witness) and passes on its cosignatures. */
export class WitnessClient {
  readonly #witness: Witness
  readonly #files: LogFiles
  readonly #log: Log
  readonly #onCosigned: (size: number, line: string) => void
  #next: string | undefined
  #working: Promise<void> | undefined
  /** Size of the checkpoint that the witness cosigned last, as far as known. */
  #cosignedSize = 0
  #fault: string | undefined

  constructor(witness: Witness, files: LogFiles, log: Log, onCosigned: (size: number, line: string) => void) {
    this.#witness = witness
    this.#files = files
    this.#log = log
    this.#onCosigned = onCosigned
  }

  /** Why the witness did not cosign the last checkpoint. Undefined if it did. */
  get fault(): string | undefined {
    return this.#fault
  }

  /** Submits a checkpoint whose tiles are on disk. While a request runs, only the newest checkpoint waits. */
  offer(note: string): void {
    this.#next = note
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
    })
  }

  /** Resolves once no request runs and none waits. */
  async idle(): Promise<void> {
    await this.#working
  }

  async #work(): Promise<void> {
    for (let note = this.#next; note !== undefined; note = this.#next) {
      this.#next = undefined
      try {
        await this.#submit(note)
        this.#report(undefined)
      } catch (error) {
        this.#report((error as Error).message)
      }
    }
  }

  async #submit(note: string): Promise<void> {
    const { size } = checkpointOf(note)!
    let answer = await this.#post(note, size)
    if (answer.status === 409) {
      const witnessSize = Number(answer.body.toString().trim())
      if (!Number.isSafeInteger(witnessSize)) throw new Error('the witness answered 409 without a size')
      if (witnessSize > size)
        throw new Error(
          `the witness has cosigned ${counted(witnessSize, 'event', 'events')}, and this log has ${size}; the log may be rolled back`,
        )
      this.#cosignedSize = witnessSize
      answer = await this.#post(note, size)
    }
    // The witness has a tree of this size with another root.
    if (answer.status === 422 || answer.status === 409)
      throw new Error('this log does not extend the one that the witness cosigned; it may be forked')
    if (answer.status === 403)
      throw new Error(
        "the witness does not accept the log's key; after a rotation it needs the statement, see docs/operate.md",
      )
    if (answer.status !== 200) throw new Error(`the witness answered with status ${answer.status}`)
    const lines = answer.body
      .toString()
      .split('\n')
      .filter(line => line !== '')
    const text = parseNote(note)!.text
    const { verifier } = this.#witness
    const own = lines.filter(line => {
      const signature = parseSignature(line)
      return signature && verifies({ text, signatures: [signature] }, verifier)
    })
    if (own.length === 0) throw new Error("the witness's answer contains no valid cosignature by its key")
    this.#cosignedSize = size
    for (const line of own) this.#onCosigned(size, line)
  }

  async #post(note: string, size: number): Promise<Answered> {
    const old = Math.min(this.#cosignedSize, size)
    const proof =
      old === 0 ? [] : await new TreeHashes(this.#files, size).hashesOf(consistencyRanges(old, size))
    const lines = [`old ${old}`, ...proof.map(hash => toBytes(hash).toString('base64'))]
    const { url, inside = [] } = this.#witness
    return requestOutgoing(`${url}/add-checkpoint`, {
      method: 'POST',
      body: `${lines.join('\n')}\n\n${note}`,
      ...{ ms: ANSWER_MS, mostBytes: MAX_BYTES, inside },
    })
  }

  #report(fault: string | undefined): void {
    if (fault === this.#fault) return
    if (fault) this.#log.error({ witness: this.#witness.url, fault }, 'the witness does not cosign the log')
    else this.#log.info({ witness: this.#witness.url }, 'the witness cosigns the log')
    this.#fault = fault
  }
}
