import { verify } from 'node:crypto'
import type { Connection } from '../../db/connection.js'
import { type Checkpoint, parseCheckpoint } from '../notes/checkpoint.js'
import { CheckpointFile } from '../notes/checkpoint-file.js'
import { parseNote, type Verifier } from '../notes/note.js'
import { toHash } from '../tree/hash.js'
import type { Faults } from './faults.js'

/** Rows fetched at once. */
const ROWS_PER_FETCH = 1_000

/** Where a checkpoint was found: in the database, in the file beside the log, in a copy kept elsewhere, or at a witness. */
export type CheckpointSource = 'database' | 'file' | 'elsewhere'

/** A checkpoint that somebody kept. */
export interface StoredCheckpoint extends Checkpoint {
  source: CheckpointSource
  where: string
  note: string
}

/** Checkpoints that the database keeps, in order; read through a cursor of the connection's transaction. */
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
      const kept = readStoredCheckpoint(note, 'database', where)
      if (kept?.size === size && kept.root === toHash(root)) yield kept
      else faults.add('checkpoint-forged', where, 'its row and its signed note differ')
    }
    if (rows.length === 0) return
  }
}

/** Checkpoints of a file that only grows, as far as it went by now. */
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
    // Said twice is what two services say that share a folder for a moment.
    if (note === last?.note) continue
    const kept = readStoredCheckpoint(note, source, label)
    if (!kept) faults.add('checkpoint-forged', `${label}, note ${count}`, 'it is no checkpoint')
    else if (kept.size <= (last?.size ?? 0))
      faults.add('checkpoint-forged', kept.where, 'it does not stand after a smaller one')
    else {
      last = kept
      yield kept
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

/** Several sources of checkpoints as one, by size. */
export class MergedCheckpoints {
  readonly #sources: { source: AsyncGenerator<StoredCheckpoint>; next: StoredCheckpoint | undefined }[] = []

  static async of(sources: AsyncGenerator<StoredCheckpoint>[]): Promise<MergedCheckpoints> {
    const all = new MergedCheckpoints()
    for (const source of sources) all.#sources.push({ source, next: (await source.next()).value })
    return all
  }

  /** Size of the next one; infinite after the last. */
  get nextSize(): number {
    return Math.min(...this.#sources.map(({ next }) => next?.size ?? Number.POSITIVE_INFINITY))
  }

  /** Takes those of the next size. */
  async takeNext(): Promise<StoredCheckpoint[]> {
    const size = this.nextSize
    const taken: StoredCheckpoint[] = []
    for (const entry of this.#sources) {
      if (entry.next?.size !== size) continue
      taken.push(entry.next)
      entry.next = (await entry.source.next()).value
    }
    return taken
  }
}

/** Whether a checkpoint is signed by the log. Off the main thread: there may be one for every second of a year. */
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
