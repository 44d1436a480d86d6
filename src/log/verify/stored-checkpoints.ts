import { verify } from 'node:crypto'
import type { Connection } from '../../db/connection.js'
import { type Checkpoint, parseCheckpoint } from '../notes/checkpoint.js'
import { CheckpointFile } from '../notes/checkpoint-file.js'
import { parseNote, type Verifier } from '../notes/note.js'
import { toHash } from '../tree/hash.js'
import type { Faults } from './faults.js'

/** Rows per fetch. */
const ROWS_PER_FETCH = 1_000

/**
 * Where a checkpoint is stored: in the database, in the file in the log's folder, or elsewhere as a copy or at a
 * witness.
 */
export type CheckpointSource = 'database' | 'file' | 'elsewhere'

/** A checkpoint from one source, with its signed note. */
export interface StoredCheckpoint extends Checkpoint {
  source: CheckpointSource
  /** Place for messages, such as `checkpoints.txt 512`. */
  where: string
  note: string
}

/** Checkpoints of the database in order, read by a cursor in the connection's transaction. */
export async function* checkpointsInDatabase(
  connection: Connection,
  faults: Faults,
): AsyncGenerator<StoredCheckpoint> {
  await connection.query(
    'declare checkpoints no scroll cursor for select size, root, note from log_checkpoint order by size',
  )
  for (;;) {
    const { rows } = await connection.query<{ size: number; root: Buffer; note: string }>(
      `fetch ${ROWS_PER_FETCH} from checkpoints`,
    )
    for (const { size, root, note } of rows) {
      const where = `log_checkpoint ${size}`
      const checkpoint = readStoredCheckpoint(note, 'database', where)
      if (checkpoint?.size === size && checkpoint.root === toHash(root)) yield checkpoint
      else faults.add('checkpoint-forged', where, 'its row and its signed note differ')
    }
    if (rows.length === 0) return
  }
}

/** Checkpoints of a checkpoint file, up to its current length. */
export async function checkpointsInFile(
  path: string,
  label: string,
  source: CheckpointSource,
  faults: Faults,
): Promise<AsyncGenerator<StoredCheckpoint>> {
  const file = new CheckpointFile(path)
  return checkpointsOfNotes(file, await file.length(), label, source, faults)
}

async function* checkpointsOfNotes(
  file: CheckpointFile,
  length: number,
  label: string,
  source: CheckpointSource,
  faults: Faults,
): AsyncGenerator<StoredCheckpoint> {
  let last: StoredCheckpoint | undefined
  let count = 0
  for await (const note of file.notes(length)) {
    count++
    // Two services that briefly share a folder may both append the same note.
    if (note === last?.note) continue
    const checkpoint = readStoredCheckpoint(note, source, label)
    if (!checkpoint) faults.add('checkpoint-forged', `${label}, note ${count}`, 'it is not a checkpoint')
    else if (checkpoint.size <= (last?.size ?? 0))
      faults.add('checkpoint-forged', checkpoint.where, 'it does not follow a smaller checkpoint')
    else {
      last = checkpoint
      yield checkpoint
    }
  }
}

export function readStoredCheckpoint(
  note: string,
  source: CheckpointSource,
  label: string,
): StoredCheckpoint | undefined {
  const parsed = parseNote(note)
  const checkpoint = parsed && parseCheckpoint(parsed.text)
  if (!checkpoint) return undefined
  const where = source === 'database' ? label : `${label} ${checkpoint.size}`
  return { ...checkpoint, source, where, note }
}

/** Merges several sources of checkpoints by size. */
export class MergedCheckpoints {
  readonly #sources: { source: AsyncGenerator<StoredCheckpoint>; next: StoredCheckpoint | undefined }[] = []

  static async of(sources: AsyncGenerator<StoredCheckpoint>[]): Promise<MergedCheckpoints> {
    const all = new MergedCheckpoints()
    for (const source of sources) all.#sources.push({ source, next: (await source.next()).value })
    return all
  }

  /** Size of the next checkpoint. Infinite after the last. */
  get nextSize(): number {
    return Math.min(...this.#sources.map(({ next }) => next?.size ?? Number.POSITIVE_INFINITY))
  }

  /** Takes all checkpoints of the next size. */
  async takeNext(): Promise<StoredCheckpoint[]> {
    const size = this.nextSize
    const checkpoints: StoredCheckpoint[] = []
    for (const entry of this.#sources) {
      if (entry.next?.size !== size) continue
      checkpoints.push(entry.next)
      entry.next = (await entry.source.next()).value
    }
    return checkpoints
  }
}

/** Whether a note is signed by the log. Verifies in the thread pool, because a year may have one checkpoint per second. */
export function isSigned(note: string, { name, id, key }: Verifier): Promise<boolean> {
  const parsed = parseNote(note)
  const own = parsed?.signatures.filter(signature => signature.name === name && signature.id === id) ?? []
  const checks = own.map(
    ({ bytes }) =>
      new Promise<boolean>(resolve =>
        verify(null, Buffer.from(parsed!.text), key, bytes, (error, good) => resolve(!error && good)),
      ),
  )
  return Promise.all(checks).then(good => good.length > 0 && good.every(Boolean))
}
