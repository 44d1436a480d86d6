import { type Hash, toBytes, toHash } from '../tree/hash.js'
import { parseNote } from './note.js'

/** Origin, size and root of a log (C2SP tlog-checkpoint). */
export interface Checkpoint {
  origin: string
  /** Number of leaves. */
  size: number
  root: Hash
}

const TEXT = /^([^\n]+)\n(0|[1-9]\d*)\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*$/

/** The signed text of a checkpoint's note. */
export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${toBytes(root).toString('base64')}\n`

/** Parses the text of a checkpoint's note. Undefined for any other text. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [, origin, size, root] = TEXT.exec(text) ?? []
  if (!origin || !Number.isSafeInteger(Number(size))) return undefined
  return { origin, size: Number(size), root: toHash(Buffer.from(root!, 'base64')) }
}

/** Reads the checkpoint in a note, without checking its signatures. Undefined if none exists. */
export function checkpointOf(note: string): Checkpoint | undefined {
  const parsed = parseNote(note)
  return parsed && parseCheckpoint(parsed.text)
}
