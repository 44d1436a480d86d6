import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync } from 'node:fs'
import { lstat, mkdir } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { AppError } from '../../core/errors.js'
import { USUAL_PATH } from '../process/child-env.js'

/** Exit code of flock(1) if another process has the lock. */
const EXIT_HELD = 1

/** The environment of `flock`. It gets none of our variables, because these contain passwords. */
const environment = { PATH: USUAL_PATH }

const { O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants

/**
 * Locks a file or folder as long as this process lives (flock(2)). The kernel releases the lock when the process ends, also if
 * it is killed. Only a process that may open the file can lock it, so a new file gets mode 0600.
 *
 * Node has no `flock`, so flock(1) of util-linux locks the open file that it inherits. The lock belongs to the open file. The
 * file therefore stays open in this process.
 *
 * @param kind a missing file is made, a missing folder is not
 * @returns false if another process, or this one, has the lock
 * @throws AppError `tool.missing` without flock(1), `tool.failed` if it fails; the system's error if the path cannot be opened
 */
export async function lock(path: string, kind: 'file' | 'folder'): Promise<boolean> {
  const flags = kind === 'file' ? O_RDWR | O_CREAT : O_RDONLY | O_DIRECTORY
  // Node opens files close-on-exec, so no other child inherits the lock. A keeper, which outlives the service, does not hold it.
  const fd = openSync(path, flags | O_NOFOLLOW, 0o600)
  try {
    const code = await flock(fd, path)
    if (code === 0) return true
    closeSync(fd)
    return false
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

async function flock(fd: number, path: string): Promise<number> {
  const child = spawn('flock', ['-x', '-n', '3'], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe', fd],
  })
  const [stderr, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]).catch(
    (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT') throw cause
      throw new AppError('tool.missing', 'There is no program flock: install util-linux.', { cause })
    },
  )
  if (code === 0 || code === EXIT_HELD) return code
  throw new AppError(
    'tool.failed',
    `${path} cannot be locked: ${stderr.trim() || `flock ended with ${code}`}`,
  )
}

/** Folder that a package or the operator can prepare for the service. */
const PREPARED = '/run/consentry'

/**
 * Finds or makes a folder in memory to which only the user of this process can write. It is for files that belong to no
 * data folder. Root's folder is in /run, where no other user can take its name.
 *
 * @returns its path; undefined without such a folder, for example because another user has taken the name
 */
export async function runtimeFolder(): Promise<string | undefined> {
  if (await isPrivate(PREPARED)) return PREPARED
  const own = `consentry-${process.geteuid?.()}`
  for (const folder of [`/run/${own}`, `/dev/shm/${own}`]) {
    await mkdir(folder, { mode: 0o700 }).catch(() => {})
    if (await isPrivate(folder)) return folder
  }
  return undefined
}

/** Whether the path is a folder of our user, not a symbolic link, to which no other user can write. */
async function isPrivate(folder: string): Promise<boolean> {
  const stat = await lstat(folder).catch(() => undefined)
  return stat?.isDirectory() === true && stat.uid === process.geteuid?.() && (stat.mode & 0o022) === 0
}
