import { chmod, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { AppError } from '../core/errors.js'
import { isFull } from '../lib/files/durable.js'
import { makeFolders } from '../lib/files/make-folders.js'
import type { Log } from '../lib/log.js'

/** Prefix of the folders in which files are converted. Complete files are moved out of them. */
export const WORK_PREFIX = '.converting-'
/** An older work folder was left by a process that died, ms. A conversion takes 1 s at most. */
const STALE_MS = 3_600_000
/** The PBX's user may enter and list folders, but not write. */
const FOLDER_MODE = 0o755
const PASSABLE_BY_ALL = 0o001

/**
 * Makes the folder of converted prompts, with one folder for each language, and removes work folders of processes that died.
 *
 * @throws AppError `store.unwritable`
 */
export async function prepareFolders(dir: string, languages: string[], log: Log): Promise<void> {
  const folders = languages.map(language => join(dir, language))
  for (const folder of folders) await makeFolders(folder).catch(throwUnwritable(folder))
  // The umask may have removed permissions.
  for (const folder of [dir, ...folders]) await chmod(folder, FOLDER_MODE).catch(throwUnwritable(folder))
  for (const folder of folders) await removeStaleWork(folder)
  const closed = await findClosedFolder(dir)
  if (closed)
    log.info(
      { folder: closed },
      'only the owner of this folder can enter it: run the PBX as that user, or let others enter (chmod o+x)',
    )
}

async function removeStaleWork(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(WORK_PREFIX)) continue
    const path = join(folder, name)
    // Another process may have removed its work folder meanwhile.
    const folderStat = await stat(path).catch(() => undefined)
    if (folderStat && folderStat.mtimeMs < Date.now() - STALE_MS)
      await rm(path, { recursive: true, force: true })
  }
}

/** Finds a folder in the path that other users, so perhaps the PBX's, cannot enter. */
async function findClosedFolder(dir: string): Promise<string | undefined> {
  for (let folder = resolve(dir); folder !== dirname(folder); folder = dirname(folder)) {
    if (((await stat(folder)).mode & PASSABLE_BY_ALL) === 0) return folder
  }
  return undefined
}

/** The error of a write to a full disk, or beyond the user's quota. */
export const diskFullError = (path: string, cause: unknown) =>
  new AppError(
    'store.unwritable',
    `prompts cannot be written to ${path}: the disk is full; free some space`,
    {
      cause,
    },
  )

/** For `catch`: throws the AppError of a failed write. Its message says what to do. */
export const throwUnwritable = (path: string) => (cause: unknown) => {
  if (isFull(cause)) throw diskFullError(path, cause)
  const hint = 'set CONSENTRY_PROMPTS to a folder that the service can write'
  throw new AppError('store.unwritable', `prompts cannot be written to ${path}: ${hint}`, { cause })
}

/** A coding of prompts that the PBX plays without transcoding. */
interface Variant {
  /** File name extension for Asterisk's format modules (`format_pcm`, `format_g722`, `format_sln`). */
  extension: 'alaw' | 'ulaw' | 'g722' | 'sln' | 'sln16'
  /** ffmpeg's name of the encoder. */
  encoder: string
  /** ffmpeg's name of the headerless format. */
  format: string
  /** Samples a second. */
  rate: number
  /** Bytes of the file for each ms of sound. */
  bytesPerMs: number
  /** Silence before the sound, ms: whole frames. */
  leadMs: number
}

/**
 * Silence before a prompt in G.722, ms. While the encoder of a file starts from its initial state, the decoder of a
 * telephone still adapts to the previous prompt, or to one that a key cut. Without the silence, the first word may be a
 * burst at full scale. With it, the first word is heard within 100 ms as in the other codings.
 */
const G722_LEAD_MS = 60

/**
 * Headerless streams for Asterisk: G.711 and G.722 at 64 kbit/s (G.722 samples at 16 kHz), and signed linear, little-endian, at
 * 8 and 16 kHz, from which Asterisk encodes all other codecs.
 */
export const VARIANTS: readonly Variant[] = [
  { extension: 'alaw', encoder: 'pcm_alaw', format: 'alaw', rate: 8000, bytesPerMs: 8, leadMs: 0 },
  { extension: 'ulaw', encoder: 'pcm_mulaw', format: 'mulaw', rate: 8000, bytesPerMs: 8, leadMs: 0 },
  { extension: 'g722', encoder: 'g722', format: 'g722', rate: 16000, bytesPerMs: 8, leadMs: G722_LEAD_MS },
  { extension: 'sln', encoder: 'pcm_s16le', format: 's16le', rate: 8000, bytesPerMs: 16, leadMs: 0 },
  { extension: 'sln16', encoder: 'pcm_s16le', format: 's16le', rate: 16000, bytesPerMs: 32, leadMs: 0 },
]

/** Version of the conversion. A higher one causes old files to be converted again. */
export const RECIPE_VERSION = 2
