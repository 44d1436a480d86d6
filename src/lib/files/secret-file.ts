import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, link, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { processRuns } from '../process/process-runs.js'
import { overwrite, syncFolder } from './sync.js'

/** Mode of a secret file: only its owner can read and write it. */
const SECRET_MODE = 0o600

/** Owner, group and mode of a file, as `stat` returns them. */
export interface Ownership {
  uid: number
  gid: number
  mode: number
}

/** What a file system without hard links answers, such as that of a USB stick. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'ENOSYS']

/**
 * Makes a file. Content and name are durable when the promise resolves. Until then there is no file of this name, unless the file system has no
 * hard links.
 *
 * @param mode mode of the file, 0600 by default
 * @throws the system's error, `EEXIST` if there is a file
 */
export async function makeSecretFile(
  path: string,
  content: string | Buffer,
  mode = SECRET_MODE,
): Promise<void> {
  await removeAbandonedDrafts(path)
  const write = (name: string) => writeNew(name, content, file => file.chmod(mode))
  const draft = newDraft(path)
  try {
    await write(draft)
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (!NO_LINKS.includes(error.code ?? '')) throw error
      return write(path)
    })
  } finally {
    await rm(draft, { force: true })
  }
  await syncFolder(dirname(path))
}

const newDraft = (path: string): string => `${path}.${process.pid}.${randomBytes(16).toString('hex')}.new`

/**
 * Replaces or makes a file atomically and durably. After a crash it has the old or the new content. The new content is first
 * written to a new draft beside it, with a name that no other user can guess. Drafts of killed processes are overwritten and
 * removed.
 *
 * @param like mode of the file, and its owner and group as far as the system allows; by default our user and 0600
 * @throws the system's error
 */
export async function replaceSecretFile(
  path: string,
  content: string | Buffer,
  like?: Ownership,
): Promise<void> {
  await removeAbandonedDrafts(path)
  const draft = newDraft(path)
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

/** Writes a new file. Until it is complete, only its owner can use it, independent of the umask. */
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

/**
 * Overwrites and removes drafts of ended processes. They are named `NAME.PID.RANDOM.new`.
 */
async function removeAbandonedDrafts(path: string): Promise<void> {
  // If this process may write to the folder but not read it, it cannot find the drafts, and they stay.
  const names = await readdir(dirname(path)).catch(() => [])
  const drafts = names.filter(name => name.startsWith(`${basename(path)}.`))
  for (const name of drafts) {
    const parts = /^(\d+)\.[0-9a-f]{32}\.new$/.exec(name.slice(basename(path).length + 1))
    if (parts && !processRuns(Number(parts[1])))
      await overwriteOwn(join(dirname(path), name)).catch(() => undefined)
  }
}

/** Overwrites and removes a regular file of our user with one name. Links and files of other users stay. */
async function overwriteOwn(path: string): Promise<void> {
  const file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stat = await file.stat()
    if (!stat.isFile() || stat.uid !== process.geteuid?.() || stat.nlink !== 1) return
    await overwrite(file)
    await rm(path, { force: true })
  } finally {
    await file.close()
  }
}
