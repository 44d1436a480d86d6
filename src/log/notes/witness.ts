import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { AppError } from '../../core/errors.js'
import { makeFolders } from '../../lib/files/make-folders.js'
import { appendDurably, readText, replaceDurably } from '../log-files.js'
import { EMPTY_ROOT, type Hash, toHash } from '../tree/hash.js'
import { isConsistent } from '../tree/proof.js'
import { checkpointOf, parseCheckpoint } from './checkpoint.js'
import type { SigningKey } from './log-key.js'
import { cosign, type Note, parseNote, type Verifier, verifierKey, verifies } from './note.js'
import { TrustedLogKeys } from './trusted-keys.js'

/** Maximum number of hashes in a proof (C2SP tlog-witness). */
const MAX_PROOF_HASHES = 63

/**
 * The file of the origins of all logs that a witness has cosigned, one per line. It is created with the witness's key.
 */
const LIST = 'cosigned.txt'

/**
 * Requires that a witness with a key also has its memory. Without the memory it would cosign any history again.
 *
 * @param dir folder with one file per log
 * @param isNew the witness's key was just made
 * @throws AppError `config.invalid` if the memory is missing
 */
export async function requireMemory(dir: string, isNew: boolean): Promise<void> {
  const list = join(dir, LIST)
  if ((await readText(list)) !== undefined) return
  if (!isNew)
    throw new AppError(
      'config.invalid',
      `${list} is missing, but the witness's key exists: its memory of the logs is lost. Restore the folder from a backup. If this witness has never cosigned anything, make the file, empty.`,
    )
  await makeFolders(dir)
  await appendDurably(list, '')
}

/** HTTP answer of a witness. */
export interface WitnessAnswer {
  status: 200 | 400 | 403 | 404 | 409 | 422
  body: string
  /** Content type, if not plain text. */
  type?: 'text/x.tlog.size'
}

interface Request {
  old: number
  proof: Hash[]
  note: Note
}

/**
 * A witness (C2SP tlog-witness). It stores its last cosigned checkpoint for each log, and cosigns only checkpoints that
 * extend that one. The checkpoint is on disk before the cosignature is returned.
 */
export class WitnessBook {
  readonly #dir: string
  readonly #name: string
  readonly #key: SigningKey
  readonly #logs: TrustedLogKeys
  readonly #onRefused: (origin: string, status: number) => void
  #lastRequest: Promise<unknown> = Promise.resolve()

  /**
   * @param dir folder with one file per log
   * @param logs verifier keys of the accepted logs; their names are the logs' origins. A log may have several.
   * @param rotations statements by which keys of logs were rotated; each key is then accepted only for the sizes that
   *   it signs
   * @param onRefused called with the log's origin and the HTTP status of each refusal
   */
  constructor(
    {
      dir,
      name,
      key,
      logs,
      rotations = [],
    }: {
      dir: string
      name: string
      key: SigningKey
      logs: readonly Verifier[]
      rotations?: readonly string[]
    },
    onRefused: (origin: string, status: number) => void = () => {},
  ) {
    this.#dir = dir
    this.#name = name
    this.#key = key
    this.#logs = new TrustedLogKeys({ keys: logs.map(log => verifierKey(log.name, log.key)), rotations })
    this.#onRefused = onRefused
  }

  /**
   * The request `add-checkpoint`. Requests run one after the other, so that the checks still hold when the file is written.
   *
   * @param body of the request
   * @param now ms since the epoch
   * @throws AppError `journal.inconsistent` if the file of a log is damaged
   */
  addCheckpoint(body: string, now: number): Promise<WitnessAnswer> {
    const answer = this.#lastRequest.then(() => this.#add(body, now))
    this.#lastRequest = answer.catch(() => undefined)
    return answer
  }

  /**
   * The last cosigned checkpoint of a log, with the cosignature. Undefined if none exists.
   *
   * @param originHash SHA-256 of the log's origin, hex
   */
  async latest(originHash: string): Promise<string | undefined> {
    return /^[0-9a-f]{64}$/.test(originHash) ? readText(join(this.#dir, originHash)) : undefined
  }

  async #hasCosigned(origin: string): Promise<boolean> {
    return ((await readText(join(this.#dir, LIST))) ?? '').split('\n').includes(origin)
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
    const keys = this.#logs.of(checkpoint.origin)
    if (keys.length === 0) return { status: 404, body: 'this log is not known here\n' }
    const log = keys.find(key => verifies(note, key))
    if (!log) return refuse(403, "it is not signed by the log's key")
    if (!this.#logs.permits(log, checkpoint.size))
      return refuse(403, 'the key that has signed it was rotated, and does not sign this size')
    if (old > checkpoint.size) return { status: 400, body: 'the old size is larger than the checkpoint\n' }
    const file = join(this.#dir, createHash('sha256').update(checkpoint.origin).digest('hex'))
    const stored = await readText(file)
    if (stored === undefined && (await this.#hasCosigned(checkpoint.origin)))
      throw new AppError(
        'journal.inconsistent',
        `${file} is missing, and this witness has cosigned the log ${checkpoint.origin}. Restore it from a backup: without it the witness cannot detect a fork.`,
      )
    const last = stored === undefined ? { size: 0, root: toHash(EMPTY_ROOT) } : checkpointOf(stored)
    // Without the last checkpoint the witness could cosign a fork.
    if (!last)
      throw new AppError(
        'journal.inconsistent',
        `${file} does not contain a checkpoint. Restore it from a backup: without it the witness cannot detect a fork.`,
      )
    // A tree of the same size with another root is a fork (C2SP tlog-witness).
    const forked = stored !== undefined && checkpoint.size === last.size && checkpoint.root !== last.root
    if (old !== last.size || forked) {
      this.#onRefused(checkpoint.origin, 409)
      return { status: 409, body: `${last.size}\n`, type: 'text/x.tlog.size' }
    }
    if (checkpoint.size === 0 && checkpoint.root !== toHash(EMPTY_ROOT))
      return refuse(422, 'an empty log has another root')
    if (!isConsistent(old, last.root, checkpoint.size, checkpoint.root, proof))
      return refuse(422, 'it does not extend the checkpoint that was cosigned before')
    const line = cosign(note.text, this.#name, this.#key.secret, now)
    await makeFolders(this.#dir)
    // The log is listed first. A listed log without a file proves that the witness has lost its memory.
    if (stored === undefined) await appendDurably(join(this.#dir, LIST), `${checkpoint.origin}\n`)
    await replaceDurably(file, `${note.text}\n${ownLines(note, log)}${line}`)
    return { status: 200, body: line }
  }
}

/** The log's own signature lines. Lines of other signers are unchecked and are dropped. */
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
