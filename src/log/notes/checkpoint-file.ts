import { createReadStream } from 'node:fs'
import { open, stat, truncate } from 'node:fs/promises'
import { AppError } from '../../core/errors.js'
import { appendDurably } from '../log-files.js'
import { type Checkpoint, checkpointOf } from './checkpoint.js'

/** Bytes read from the end of the file to find its last note. A note with sixteen signatures is shorter. */
const TAIL_BYTES = 16_384

/** Ends each note. Within a note it separates text and signatures. */
const BLANK_LINE = '\n\n'

/** An append-only file of every checkpoint that was ever published. It does not depend on the database. */
export class CheckpointFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Appends notes. They are on disk when this resolves. */
  append(notes: readonly string[]): Promise<void> {
    return appendDurably(this.#path, notes.map(note => `${note}\n`).join(''))
  }

  /**
   * The last checkpoint. Removes an incomplete note at the end of the file.
   *
   * @returns undefined if the file does not exist or has no checkpoint
   * @throws AppError `journal.inconsistent` if the file ends in something else
   */
  async last(): Promise<Checkpoint | undefined> {
    const file = await open(this.#path).catch(undefinedIfAbsent)
    if (!file) return undefined
    try {
      const { size } = await file.stat()
      const tail = Buffer.alloc(Math.min(size, TAIL_BYTES))
      await file.read(tail, 0, tail.length, size - tail.length)
      const { note, end } = lastNote(tail)
      const checkpoint = note === undefined ? undefined : checkpointOf(note)
      // An incomplete first note may be removed. Other content must stay for the operator to examine.
      if (!checkpoint && (note !== undefined || size > TAIL_BYTES))
        throw new AppError(
          'journal.inconsistent',
          `${this.#path} does not end in a checkpoint. Another program may have written to it; restore it from a backup.`,
        )
      if (end < tail.length) await truncate(this.#path, size - tail.length + end)
      return checkpoint
    } finally {
      await file.close()
    }
  }

  /** Length of the file now, bytes. 0 if it does not exist. */
  async length(): Promise<number> {
    return (await stat(this.#path).catch(undefinedIfAbsent))?.size ?? 0
  }

  /**
   * Yields every note, oldest first, unchecked. Text that is not a note is yielded as well.
   *
   * @param length bytes to read from the beginning of the file
   */
  async *notes(length: number): AsyncGenerator<string> {
    if (length === 0) return
    let rest = ''
    try {
      for await (const chunk of createReadStream(this.#path, { encoding: 'utf8', end: length - 1 })) {
        const parts = (rest + chunk).split(BLANK_LINE)
        const whole = Math.floor((parts.length - 1) / 2) * 2
        for (let i = 0; i < whole; i += 2) yield `${parts[i]}${BLANK_LINE}${parts[i + 1]}\n`
        rest = parts.slice(whole).join(BLANK_LINE)
      }
    } catch (error) {
      undefinedIfAbsent(error)
    }
  }
}

function undefinedIfAbsent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  return undefined
}

/** The last complete note in `bytes`, and the position after its empty line. */
function lastNote(bytes: Buffer): { note?: string; end: number } {
  // `lastIndexOf` takes -1 as the last byte.
  const endBefore = (at: number) => (at > 0 ? bytes.lastIndexOf(BLANK_LINE, at - 1) : -1)
  for (let end = endBefore(bytes.length); end >= 0; end = endBefore(end)) {
    const middle = endBefore(end)
    // Signatures begin with a dash. Anything else is the text of an incomplete note.
    if (middle < 0 || !bytes.toString('utf8', middle + BLANK_LINE.length, end).startsWith('— ')) continue
    const before = endBefore(middle)
    const from = before < 0 ? 0 : before + BLANK_LINE.length
    return { note: bytes.toString('utf8', from, end + 1), end: end + BLANK_LINE.length }
  }
  return { end: 0 }
}
