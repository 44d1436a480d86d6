import type { Log } from '../../shared/log.js'
import type { LogFiles } from '../log-files.js'
import { toBytes } from '../tree/hash.js'
import { consistencyRanges } from '../tree/proof.js'
import { TreeHashes } from '../tree/tree-hashes.js'
import { checkpointOf } from './checkpoint.js'
import { parseNote, parseSignature, type Verifier, verifies } from './note.js'

/** How long a witness may take to answer, ms; the log goes on meanwhile. */
const ANSWER_MS = 10_000

/** A witness: where it takes checkpoints, and the key with which it cosigns them. */
export interface Witness {
  /** Its submission prefix, without a slash at the end. */
  url: string
  verifier: Verifier
}

/** Shows checkpoints to one witness (C2SP tlog-witness) and hands on its cosignatures. */
export class WitnessClient {
  readonly #witness: Witness
  readonly #files: LogFiles
  readonly #log: Log
  readonly #onCosigned: (size: number, line: string) => void
  #next: string | undefined
  #working: Promise<void> | undefined
  /** Size of what the witness cosigned last, as far as we know. */
  #cosignedSize = 0
  #fault: string | undefined

  constructor(witness: Witness, files: LogFiles, log: Log, onCosigned: (size: number, line: string) => void) {
    this.#witness = witness
    this.#files = files
    this.#log = log
    this.#onCosigned = onCosigned
  }

  /** Why the witness did not cosign the last checkpoint; undefined while it does. */
  get fault(): string | undefined {
    return this.#fault
  }

  /** Offers a checkpoint whose tiles are on disk. While the witness is slow, only the newest is kept for it. */
  offer(note: string): void {
    this.#next = note
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
    })
  }

  /** Resolves once nothing is under way. */
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
      const told = Number((await answer.text()).trim())
      if (!Number.isSafeInteger(told)) throw new Error('it says 409 without a size')
      if (told > size)
        throw new Error(`it has cosigned ${told} events, and this log has ${size}: rolled back?`)
      this.#cosignedSize = told
      answer = await this.#post(note, size)
    }
    if (answer.status === 422) throw new Error('it says that this log is not the one it cosigned: forked?')
    if (answer.status !== 200) throw new Error(`it answers ${answer.status}`)
    const lines = (await answer.text()).split('\n').filter(line => line !== '')
    const text = parseNote(note)!.text
    const { verifier } = this.#witness
    const own = lines.filter(line => {
      const signature = parseSignature(line)
      return signature && verifies({ text, signatures: [signature] }, verifier)
    })
    if (own.length === 0) throw new Error('its answer holds no good cosignature under its key')
    this.#cosignedSize = size
    for (const line of own) this.#onCosigned(size, line)
  }

  async #post(note: string, size: number): Promise<Response> {
    const old = Math.min(this.#cosignedSize, size)
    const proof =
      old === 0 ? [] : await new TreeHashes(this.#files, size).hashesOf(consistencyRanges(old, size))
    const lines = [`old ${old}`, ...proof.map(hash => toBytes(hash).toString('base64'))]
    return fetch(`${this.#witness.url}/add-checkpoint`, {
      method: 'POST',
      body: `${lines.join('\n')}\n\n${note}`,
      signal: AbortSignal.timeout(ANSWER_MS),
    })
  }

  #report(fault: string | undefined): void {
    if (fault === this.#fault) return
    if (fault) this.#log.error({ witness: this.#witness.url, fault }, 'the witness does not cosign the log')
    else this.#log.info({ witness: this.#witness.url }, 'the witness cosigns the log')
    this.#fault = fault
  }
}
