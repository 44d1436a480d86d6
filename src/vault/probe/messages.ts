import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessAbsent } from '../../lib/files/durable.js'
import type { Marking } from '../../lib/files/marking.js'

/** Settings of the prober, the first line of its input. */
export interface ProbeSettings {
  /** Values of `CONSENTRY_STORE` and `CONSENTRY_KEYSTORE`. */
  store: string
  keystore: string
  /** The folder of converted prompts, an absolute path. */
  prompts: string
  marking: Marking
}

/** The subject of a question: whether store, key store or prompts work, or how much space the store has. */
export type ProbeKind = 'store' | 'keys' | 'room' | 'prompts'

/** A question. Its answer has the same number. Answers come in any order. */
export interface ProbeQuestion {
  n: number
  what: ProbeKind
  /** Empty for `prompts`, which belong to no purpose. */
  purpose: string
}

export interface ProbeAnswer {
  n: number
  /** Message that says why the test failed. */
  error?: string
  /** The work is not done yet: how long it has been under way, ms, see `watchWork`. The answer follows. */
  underWayMs?: number
  /** Answer to `room`, in bytes. */
  room?: { free: number; size: number }
}

/** Parses a line from the prober. @returns undefined for a malformed answer */
export function readProbeAnswer(line: string): ProbeAnswer | undefined {
  try {
    const answer = JSON.parse(line) as ProbeAnswer | null
    const { n, error = '', underWayMs = 0, room = { free: 0, size: 0 } } = answer ?? {}
    const isWhole =
      typeof error === 'string' && [n, underWayMs, room?.free, room?.size].every(Number.isFinite)
    return isWhole ? (answer ?? undefined) : undefined
  } catch {
    return undefined
  }
}

/** One name in a listing of a folder. */
interface Entry {
  name: string
  isDirectory(): boolean
}

/** A folder of ext4 in the root of each volume. Only root can list it. */
const LOST_AND_FOUND = 'lost+found'

const listFolder = (folder: string): Promise<Entry[]> => readdir(folder, { withFileTypes: true })

/**
 * Lists a folder and all folders below it. Node's recursive `readdir` checks each entry on the main thread (Node 20); a
 * hanging disk would block it, and with it all answers.
 *
 * @param list lists one folder
 * @throws the system's error; ignores a folder below that was removed meanwhile, such as the work folder of a
 *   conversion
 */
export async function listBelow(folder: string, list = listFolder): Promise<void> {
  for (const entry of await list(folder)) {
    if (!entry.isDirectory() || entry.name === LOST_AND_FOUND) continue
    await unlessAbsent(listBelow(join(folder, entry.name), list), undefined)
  }
}
