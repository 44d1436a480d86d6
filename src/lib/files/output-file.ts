import { constants, fstatSync, rmSync, type Stats, statSync } from 'node:fs'
import { type FileHandle, open, readdir, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { AppError } from '../../core/errors.js'
import { processRuns } from '../process/process-runs.js'

/** Where a command writes its output. */
export interface Output {
  /** Accepts writes at any offset. Undefined for a device, a pipe and standard output, which accept only a stream. */
  draft?: FileHandle
  /** Writes all pieces in order. */
  write(pieces: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>): Promise<void>
}

/**
 * Writes the file that `-o FILE` names. A file is written atomically: to a draft beside it, which gets the name when it is
 * complete. A failure or a signal removes the draft. A symbolic link stays. A device, a pipe and standard output are written
 * directly.
 *
 * @param work writes the output
 * @param mode mode of the file; `kept` keeps the mode of the replaced file, and gives a new file the default mode
 * @returns the result of `work`
 * @throws AppError `store.unwritable`, before `work` begins if possible; what `work` throws
 */
export async function writeOutput<T>(
  path: string,
  work: (output: Output) => Promise<T>,
  mode: number | 'kept' = 0o600,
): Promise<T> {
  const refused = throwUnwritable(path)
  const existing = await stat(path).catch(ignoreMissing).catch(refused)
  if (existing?.isDirectory()) throw unwritable(path, 'it is a folder, so name a file in it')
  if (existing && isStandardOutput(path)) return work(toStandardOutput)
  if (existing && !existing.isFile()) return writeInPlace(path, existing, work)
  const target = await resolveLinks(path).catch(refused)
  const draft = await beginDraft(target).catch(refused)
  const file = await open(draft, 'wx+', mode === 'kept' ? 0o666 : mode).catch(error => {
    endDraft(draft)
    return refused(error)
  })
  try {
    if (mode === 'kept' && existing) await file.chmod(existing.mode & 0o777).catch(refused)
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

/** Whether a path is the standard output of this process. Nothing else may then be written there. */
export function isStandardOutput(path: string): boolean {
  try {
    const [named, own] = [statSync(path), fstatSync(1)]
    // A character device, such as a terminal, accepts output from several sources.
    return named.dev === own.dev && named.ino === own.ino && !named.isCharacterDevice()
  } catch {
    return false
  }
}

/** Makes a handler that turns a system error into AppError `store.unwritable`. */
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

/** Writes to an existing pipe or device. */
async function writeInPlace<T>(
  path: string,
  existing: Stats,
  work: (output: Output) => Promise<T>,
): Promise<T> {
  if (!existing.isCharacterDevice() && !existing.isFIFO())
    throw unwritable(path, 'it is not a file, pipe or character device')
  const file = await open(path, constants.O_WRONLY).catch(throwUnwritable(path))
  try {
    return await work({ write: writerOf(path, file) })
  } finally {
    await file.close()
  }
}

/** Returns the path behind symbolic links, also if there is no file yet. */
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

/** Signals that end a process without a handler. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Paths of the drafts that this process is writing. */
const drafts = new Set<string>()

/**
 * Names the draft of a file: a file beside it that gets the content until it is complete. The content may be confidential, so a
 * signal that ends this process removes the draft first. Drafts of killed processes are removed now. Call `endDraft` afterwards.
 *
 * @param target path of the file
 * @returns path of the draft, at which there is no file
 * @throws the system's error
 */
async function beginDraft(target: string): Promise<string> {
  const draft = draftOf(target, process.pid)
  if (drafts.size === 0) for (const signal of SIGNALS) process.on(signal, endBySignal)
  drafts.add(draft)
  try {
    await removeAbandonedDrafts(target)
    await rm(draft, { force: true })
    return draft
  } catch (error) {
    endDraft(draft)
    throw error
  }
}

/** Ends the draft after it was renamed to its target or removed. */
function endDraft(draft: string): void {
  drafts.delete(draft)
  if (drafts.size === 0) for (const signal of SIGNALS) process.off(signal, endBySignal)
}

function endBySignal(signal: NodeJS.Signals): void {
  for (const draft of drafts) {
    rmSync(draft, { force: true })
    endDraft(draft)
  }
  // No handler is left, so the signal now ends this process.
  process.kill(process.pid, signal)
}

async function removeAbandonedDrafts(target: string): Promise<void> {
  const folder = dirname(target)
  // If this process may write to the folder but not read it, it cannot find the drafts, and they stay.
  const names = await readdir(folder).catch(() => [])
  const abandoned = names.filter(name => {
    const pid = /\.(\d+)\.unfinished$/.exec(name)?.[1]
    return pid !== undefined && name === basename(draftOf(target, pid)) && !processRuns(Number(pid))
  })
  await Promise.all(abandoned.map(name => rm(join(folder, name), { force: true }).catch(() => undefined)))
}

const draftOf = (target: string, pid: number | string): string => `${target}.${pid}.unfinished`
