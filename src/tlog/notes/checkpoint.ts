import { type Hash, toBytes, toHash } from '../tree/hash.js'
import { parseNote } from './note.js'

/** What a log states of itself (C2SP tlog-checkpoint). */
export interface Checkpoint {
  origin: string
  /** Leaves. */
  size: number
  root: Hash
}

const TEXT = /^([^\n]+)\n(0|[1-9]\d*)\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*$/

/** The text of a checkpoint's note, which is what gets signed. */
export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${toBytes(root).toString('base64')}\n`

/** Reads the text of a checkpoint's note; undefined if it is none. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [, origin, size, root] = TEXT.exec(text) ?? []
  if (!origin || !Number.isSafeInteger(Number(size))) return undefined
  return { origin, size: Number(size), root: toHash(Buffer.from(root!, 'base64')) }
}

/** The checkpoint that a note holds, its signatures unchecked. */
export function checkpointOf(note: string): Checkpoint | undefined {
  const parsed = parseNote(note)
  return parsed && parseCheckpoint(parsed.text)
}
