import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { processRuns } from '../process/process-runs.js'
import { syncFolder } from './sync.js'

/** Mode of a secret file: only its owner reads and writes it. */
const SECRET_MODE = 0o600

/** Owner, group and mode of a file, as `stat` gives them. */
export interface Ownership {
  uid: number
  gid: number
  mode: number
}

/**
 * Makes a file whose content and name are on disk when this resolves. Throws the operating system's error, `EEXIST` where
 * something has that name.
 *
 * @param mode mode of the file; 0600 by default
 */
export async function makeSecretFile(
  path: string,
  content: string | Buffer,
  mode = SECRET_MODE,
): Promise<void> {
  await writeNew(path, content, file => file.chmod(mode))
  await syncFolder(dirname(path))
}

/**
 * Replaces a file, or makes it, in one step: after a crash it holds the old content or the new. The new content is first
 * written to a draft beside it, under a name that nobody can foresee and that must be free. Drafts of killed processes are
 * overwritten and removed. Throws the operating system's error.
 *
 * @param like owner and group that the file gets, as far as that is allowed, and its mode; by default our own user and 0600
 */
export async function replaceSecretFile(
  path: string,
  content: string | Buffer,
  like?: Ownership,
): Promise<void> {
  await removeAbandonedDrafts(path)
  const draft = `${path}.${process.pid}.${randomBytes(16).toString('hex')}.new`
  try {
    await writeNew(draft, content, async file => {
      if (!like) return
      await file.chown(like.uid, like.gid).catch(() => undefined)
      await file.chmod(like.mode & 0o777)
    })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** Until the file is whole, only its owner can use it, whatever the process's umask is. */
async function writeNew(
  path: string,
  content: string | Buffer,
  finish: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, 'wx', SECRET_MODE)
  try {
    await file.chmod(SECRET_MODE)
    await file.writeFile(content)
    await finish(file)
    await file.sync()
  } catch (error) {
    await file.close()
    await rm(path, { force: true })
    throw error
  }
  await file.close()
}

/** Removes drafts of dead processes: `NAME.PID.RANDOM.new`, and those of earlier versions, `NAME.new` and `NAME.PID.new`. */
async function removeAbandonedDrafts(path: string): Promise<void> {
  // In a folder that we may write to but not read, drafts cannot be found and stay.
  const names = await readdir(dirname(path)).catch(() => [])
  const drafts = names.filter(name => name.startsWith(`${basename(path)}.`))
  for (const name of drafts) {
    const parts = /^(?:(\d+)\.(?:[0-9a-f]{32}\.)?)?new$/.exec(name.slice(basename(path).length + 1))
    if (parts && !(parts[1] && processRuns(Number(parts[1]))))
      await overwriteOwn(join(dirname(path), name)).catch(() => undefined)
  }
}

/** Overwrites and removes an ordinary file of our own user. Other users' files and links stay. */
async function overwriteOwn(path: string): Promise<void> {
  const file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const { uid, nlink, size } = await file.stat().then(stat => (stat.isFile() ? stat : NOT_REMOVABLE))
    if (uid !== process.geteuid?.() || nlink !== 1) return
    await file.write(randomBytes(size), 0, size, 0)
    await file.sync()
    await rm(path, { force: true })
  } finally {
    await file.close()
  }
}

const NOT_REMOVABLE = { uid: -1, nlink: 0, size: 0 }
