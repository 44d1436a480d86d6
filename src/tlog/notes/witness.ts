import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { makeFolders } from '../../files/make-folders.js'
import { AppError } from '../../shared/errors.js'
import { readText, replaceDurably } from '../log-files.js'
import { EMPTY_ROOT, type Hash, toHash } from '../tree/hash.js'
import { isConsistent } from '../tree/proof.js'
import { checkpointOf, parseCheckpoint } from './checkpoint.js'
import type { SigningKey } from './log-key.js'
import { cosign, type Note, parseNote, type Verifier, verifies } from './note.js'

/** Hashes of a proof at most (C2SP tlog-witness). */
const MAX_PROOF_HASHES = 63

/** What a witness answers. */
export interface WitnessAnswer {
  status: 200 | 400 | 403 | 404 | 409 | 422
  body: string
  /** Content type, where it is not plain text. */
  type?: 'text/x.tlog.size'
}

interface Request {
  old: number
  proof: Hash[]
  note: Note
}

/**
 * A witness (C2SP tlog-witness): it remembers of each log the largest checkpoint it saw, and cosigns only what goes on from it.
 * What it has cosigned is on disk before anybody hears of it.
 */
export class WitnessBook {
  readonly #dir: string
  readonly #name: string
  readonly #key: SigningKey
  readonly #logs: ReadonlyMap<string, Verifier>
  readonly #onRefused: (origin: string, status: number) => void
  #lastRequest: Promise<unknown> = Promise.resolve()

  /**
   * @param dir one file a log
   * @param logs verifier keys of the logs it knows; their names are the logs' origins
   */
  constructor(
    { dir, name, key, logs }: { dir: string; name: string; key: SigningKey; logs: readonly Verifier[] },
    onRefused: (origin: string, status: number) => void = () => {},
  ) {
    this.#dir = dir
    this.#name = name
    this.#key = key
    this.#logs = new Map(logs.map(log => [log.name, log]))
    this.#onRefused = onRefused
  }

  /**
   * The call `add-checkpoint`. One after the other: what is checked must still hold when it is written.
   *
   * @throws AppError `journal.inconsistent` where the file of a log is damaged
   */
  addCheckpoint(body: string, now: number): Promise<WitnessAnswer> {
    const answer = this.#lastRequest.then(() => this.#add(body, now))
    this.#lastRequest = answer.catch(() => undefined)
    return answer
  }

  /**
   * The last checkpoint cosigned of a log, with the cosignature; undefined where there is none.
   *
   * @param origin hex of SHA-256 of the log's origin
   */
  async latest(originHash: string): Promise<string | undefined> {
    return /^[0-9a-f]{64}$/.test(originHash) ? readText(join(this.#dir, originHash)) : undefined
  }

  async #add(body: string, now: number): Promise<WitnessAnswer> {
    const request = readRequest(body)
    const checkpoint = request && parseCheckpoint(request.note.text)
    if (!request || !checkpoint) return { status: 400, body: 'this is no add-checkpoint request\n' }
    const { old, proof, note } = request
    const refuse = (status: 403 | 422, reason: string): WitnessAnswer => {
      this.#onRefused(checkpoint.origin, status)
      return { status, body: `${reason}\n` }
    }
    const log = this.#logs.get(checkpoint.origin)
    if (!log) return { status: 404, body: 'this log is not known here\n' }
    if (!verifies(note, log)) return refuse(403, "it is not signed by the log's key")
    if (old > checkpoint.size) return { status: 400, body: 'the old size is larger than the checkpoint\n' }
    const file = join(this.#dir, createHash('sha256').update(checkpoint.origin).digest('hex'))
    const kept = await readText(file)
    const last = kept === undefined ? { size: 0, root: toHash(EMPTY_ROOT) } : checkpointOf(kept)
    // Whoever forgets what he has seen would cosign a fork of it.
    if (!last) throw new AppError('journal.inconsistent', `${file} does not hold the last checkpoint.`)
    if (old !== last.size) {
      this.#onRefused(checkpoint.origin, 409)
      return { status: 409, body: `${last.size}\n`, type: 'text/x.tlog.size' }
    }
    if (checkpoint.size === 0 && checkpoint.root !== toHash(EMPTY_ROOT))
      return refuse(422, 'an empty log has another root')
    if (!isConsistent(old, last.root, checkpoint.size, checkpoint.root, proof))
      return refuse(422, 'it does not go on from the checkpoint that was cosigned before')
    const line = cosign(note.text, this.#name, this.#key.secret, now)
    await makeFolders(this.#dir)
    await replaceDurably(file, `${note.text}\n${ownLines(note, log)}${line}`)
    return { status: 200, body: line }
  }
}

/** The log's own signature lines: those of others are not ours to hand on. */
const ownLines = ({ signatures }: Note, log: Verifier): string =>
  signatures
    .filter(({ name, id }) => name === log.name && id === log.id)
    .map(({ line }) => `${line}\n`)
    .join('')

function readRequest(body: string): Request | undefined {
  const end = body.indexOf('\n\n')
  if (end < 0) return undefined
  const [first, ...lines] = body.slice(0, end).split('\n')
  const [, old] = /^old (0|[1-9]\d*)$/.exec(first!) ?? []
  const note = parseNote(body.slice(end + 2))
  const isHash = (line: string) => /^[A-Za-z0-9+/]{43}=$/.test(line)
  if (old === undefined || !Number.isSafeInteger(Number(old)) || !note) return undefined
  if (lines.length > MAX_PROOF_HASHES || !lines.every(isHash)) return undefined
  return { old: Number(old), proof: lines.map(line => toHash(Buffer.from(line, 'base64'))), note }
}
