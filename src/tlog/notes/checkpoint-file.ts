import { createReadStream } from 'node:fs'
import { open, stat, truncate } from 'node:fs/promises'
import { AppError } from '../../shared/errors.js'
import { appendDurably } from '../log-files.js'
import { type Checkpoint, checkpointOf } from './checkpoint.js'

/** What is read of the end of the file to find its last note, bytes: a note with sixteen signatures is shorter. */
const TAIL_BYTES = 16_384

/** Notes stand one after the other, each followed by an empty line; within a note an empty line parts text and signatures. */
const BLANK_LINE = '\n\n'

/** Every checkpoint that was ever signed or seen, in a file that only grows: what the database cannot take back. */
export class CheckpointFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Adds notes; they are on disk when this resolves. */
  append(notes: readonly string[]): Promise<void> {
    return appendDurably(this.#path, notes.map(note => `${note}\n`).join(''))
  }

  /**
   * The last checkpoint; a note that was cut off while it was written is removed.
   *
   * @throws AppError `journal.inconsistent` for a file that something else was written to
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
      // Of a first note that was cut off nothing may be left; anything else here is not ours to throw away.
      if (!checkpoint && (note !== undefined || size > TAIL_BYTES))
        throw new AppError('journal.inconsistent', `${this.#path} ends in what is no checkpoint.`)
      if (end < tail.length) await truncate(this.#path, size - tail.length + end)
      return checkpoint
    } finally {
      await file.close()
    }
  }

  /** How long the file is now, bytes. */
  async length(): Promise<number> {
    return (await stat(this.#path).catch(undefinedIfAbsent))?.size ?? 0
  }

  /**
   * Every note, oldest first; none where there is no file. What is no note comes as it is, for whoever checks it.
   *
   * @param length only that much of the file
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

/** The last whole note of some bytes, and where it ends with its empty line. */
function lastNote(bytes: Buffer): { note?: string; end: number } {
  // Counted from the file's end, -1 would be its last byte.
  const endBefore = (at: number) => (at > 0 ? bytes.lastIndexOf(BLANK_LINE, at - 1) : -1)
  for (let end = endBefore(bytes.length); end >= 0; end = endBefore(end)) {
    const middle = endBefore(end)
    // Only signatures begin like this: without them it is the text of a note that was cut off.
    if (middle < 0 || !bytes.toString('utf8', middle + BLANK_LINE.length, end).startsWith('— ')) continue
    const before = endBefore(middle)
    const from = before < 0 ? 0 : before + BLANK_LINE.length
    return { note: bytes.toString('utf8', from, end + 1), end: end + BLANK_LINE.length }
  }
  return { end: 0 }
}
