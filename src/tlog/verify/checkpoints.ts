import { verify } from 'node:crypto'
import type { Connection } from '../../db/connection.js'
import { Anchors } from '../notes/anchors.js'
import { type Checkpoint, parseCheckpoint } from '../notes/checkpoint.js'
import { parseNote, type Verifier } from '../notes/note.js'
import { toHash } from '../tree/hash.js'
import type { Faults } from './faults.js'

/** Rows fetched at once. */
const FETCH = 1_000

/** Where a checkpoint was found: in the database, in the file beside the log, in a copy kept elsewhere, or at a witness. */
export type Source = 'database' | 'anchors' | 'elsewhere'

/** A checkpoint that somebody kept. */
export interface Kept extends Checkpoint {
  source: Source
  where: string
  note: string
}

/** Checkpoints that the database keeps, in order; read through a cursor of the connection's transaction. */
export async function* keptInDatabase(connection: Connection, faults: Faults): AsyncGenerator<Kept> {
  await connection.query(
    'declare checkpoints no scroll cursor for select size, root, note from log_checkpoint order by size',
  )
  for (;;) {
    const { rows } = await connection.query<{ size: number; root: Buffer; note: string }>(
      `fetch ${FETCH} from checkpoints`,
    )
    for (const { size, root, note } of rows) {
      const where = `log_checkpoint ${size}`
      const kept = read(note, 'database', where)
      if (kept?.size === size && kept.root === toHash(root)) yield kept
      else faults.add('checkpoint-forged', where, 'its row and its signed note differ')
    }
    if (rows.length === 0) return
  }
}

/** Checkpoints of a file that only grows, as far as it went by now. */
export async function keptInFile(
  path: string,
  label: string,
  source: Source,
  faults: Faults,
): Promise<AsyncGenerator<Kept>> {
  const file = new Anchors(path)
  return notesOf(file, await file.length(), label, source, faults)
}

async function* notesOf(
  file: Anchors,
  length: number,
  label: string,
  source: Source,
  faults: Faults,
): AsyncGenerator<Kept> {
  let last: Kept | undefined
  let count = 0
  for await (const note of file.notes(length)) {
    count++
    // Said twice is what two services say that share a folder for a moment.
    if (note === last?.note) continue
    const kept = read(note, source, label)
    if (!kept) faults.add('checkpoint-forged', `${label}, note ${count}`, 'it is no checkpoint')
    else if (kept.size <= (last?.size ?? 0))
      faults.add('checkpoint-forged', kept.where, 'it does not stand after a smaller one')
    else {
      last = kept
      yield kept
    }
  }
}

export function read(note: string, source: Source, label: string): Kept | undefined {
  const parsed = parseNote(note)
  const checkpoint = parsed && parseCheckpoint(parsed.text)
  if (!checkpoint) return undefined
  const where = source === 'database' ? label : `${label} ${checkpoint.size}`
  return { ...checkpoint, source, where, note }
}

/** Several sources of checkpoints as one, by size. */
export class KeptCheckpoints {
  readonly #sources: { source: AsyncGenerator<Kept>; next: Kept | undefined }[] = []

  static async of(sources: AsyncGenerator<Kept>[]): Promise<KeptCheckpoints> {
    const all = new KeptCheckpoints()
    for (const source of sources) all.#sources.push({ source, next: (await source.next()).value })
    return all
  }

  /** Size of the next one; infinite after the last. */
  get nextSize(): number {
    return Math.min(...this.#sources.map(({ next }) => next?.size ?? Number.POSITIVE_INFINITY))
  }

  /** Takes those of the next size. */
  async take(): Promise<Kept[]> {
    const size = this.nextSize
    const taken: Kept[] = []
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
