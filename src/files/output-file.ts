import { constants, fstatSync, type Stats, statSync } from 'node:fs'
import { type FileHandle, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { AppError } from '../shared/errors.js'
import { beginDraft, endDraft } from './drafts.js'

/** Where to write what somebody asked for. */
export interface Output {
  /** Takes bytes at any place; undefined for a device, a pipe and the standard output, which take a stream alone. */
  draft?: FileHandle
  /** Writes all pieces, one behind the other. */
  write(pieces: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>): Promise<void>
}

/**
 * Writes what somebody named with `-o`. A file is replaced by a whole one or stays as it was, a link to one stays; a device, a
 * pipe and the standard output are written to as they stand. Until it is whole, it is in a draft beside it, which neither a
 * failure nor a signal leaves behind.
 *
 * @param work writes it
 * @param mode of the file; `kept`: that of the file it replaces, or what the system gives a new one
 * @throws AppError `store.unwritable`, before `work` begins if that much is known; what `work` throws
 */
export async function writeOutput<T>(
  path: string,
  work: (output: Output) => Promise<T>,
  mode: number | 'kept' = 0o600,
): Promise<T> {
  const refused = throwUnwritable(path)
  const there = await stat(path).catch(ignoreMissing).catch(refused)
  if (there?.isDirectory()) throw unwritable(path, 'it is a folder; name a file in it')
  if (there && isStandardOutput(path)) return work(toStandardOutput)
  if (there && !there.isFile()) return writeInPlace(path, there, work)
  const target = await resolveLinks(path).catch(refused)
  const draft = await beginDraft(target).catch(refused)
  const file = await open(draft, 'wx+', mode === 'kept' ? 0o666 : mode).catch(error => {
    endDraft(draft)
    return refused(error)
  })
  try {
    if (mode === 'kept' && there) await file.chmod(there.mode & 0o777).catch(refused)
    const done = await work({ draft: file, write: writerOf(path, file) })
    await file.sync().catch(refused)
    await file.close()
    await rename(draft, target).catch(refused)
    return done
  } catch (error) {
    await file.close().catch(() => undefined)
    await rm(draft, { force: true })
    throw error
  } finally {
    endDraft(draft)
  }
}

/** Whether a name means what this process has as its standard output; then nothing else belongs there. */
export function isStandardOutput(path: string): boolean {
  try {
    const [named, own] = [statSync(path), fstatSync(1)]
    // A device takes what comes from several sides.
    return named.dev === own.dev && named.ino === own.ino && !named.isCharacterDevice()
  } catch {
    return false
  }
}

/** What a write throws when the system refuses it. */
export const throwUnwritable =
  (path: string) =>
  (cause: NodeJS.ErrnoException): never => {
    throw unwritable(path, cause.code ?? cause.message, cause)
  }

const unwritable = (path: string, why: string, cause?: unknown): AppError =>
  new AppError('store.unwritable', `${path} cannot be written: ${why}`, { cause })

const ignoreMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error
}

/** Neither made nor emptied: it is there. */
async function writeInPlace<T>(path: string, there: Stats, work: (output: Output) => Promise<T>): Promise<T> {
  if (!there.isCharacterDevice() && !there.isFIFO())
    throw unwritable(path, 'it is neither a file nor a pipe nor a device that takes a stream')
  const file = await open(path, constants.O_WRONLY).catch(throwUnwritable(path))
  try {
    return await work({ write: writerOf(path, file) })
  } finally {
    await file.close()
  }
}

/** The file that a link leads to, also if that one is yet to be made. */
async function resolveLinks(path: string): Promise<string> {
  const found = await realpath(path).catch(ignoreMissing)
  if (found !== undefined) return found
  const to = await readlink(path).catch(() => undefined)
  return to === undefined ? path : resolveLinks(resolve(await realpath(dirname(path)), to))
}

const writerOf =
  (path: string, file: FileHandle): Output['write'] =>
  async pieces => {
    for await (const piece of pieces) await file.writeFile(piece).catch(throwUnwritable(path))
  }

const toStandardOutput: Output = {
  async write(pieces) {
    for await (const piece of pieces)
      await new Promise<void>((done, failed) => {
        process.stdout.write(piece, error => (error ? failed(error) : done()))
      })
  },
}
