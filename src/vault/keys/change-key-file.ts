import { access, type FileHandle, link, open, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { syncFolder, unlessAbsent, writeSynced } from '../../lib/files/durable.js'
import { shred } from '../../lib/files/shred.js'
import { overwrite } from '../../lib/files/sync.js'
import { shredFile } from '../remove-durably.js'

/**
 * Replaces a key file atomically: a reader, and a crash, find the complete old file or the complete new one. Then the
 * bytes of the old file are overwritten. If the process is killed, the next call for the same path removes the
 * leftovers.
 *
 * A key file that is destroyed at the same time stays destroyed. `destroyKeyFile` overwrites the bytes before it
 * unlinks the file. If the bytes of the old file have changed when the new file gets its name, the new file is
 * destroyed as well.
 *
 * @param path path of the key file; only one process may replace key files of a folder at a time
 * @param change returns the new content for the old content, or undefined to leave the file as it is. It must refuse
 *   bytes that are not a sealed key: a key that is being destroyed is overwritten before it is unlinked.
 * @returns whether the file was replaced; false if there is no file
 * @throws the system's error; what `change` throws
 */
export async function replaceKeyFile(
  path: string,
  change: (wrapped: Buffer) => Buffer | undefined,
): Promise<boolean> {
  const [next, former] = draftPaths(path)
  await shred(next)
  await shred(former)
  const file = await unlessAbsent<FileHandle | undefined>(open(path, 'r+'), undefined)
  if (!file) return false
  let replacement: FileHandle | undefined
  try {
    const before = await contentOf(file)
    const after = change(before)
    if (!after) return false
    replacement = await writeSynced(next, after)
    await copyOwner(replacement, file)
    // The second name lets the old file be found and overwritten after a crash.
    if (!(await sourceExisted(link(path, former)))) return false
    if (!(await sourceExisted(rename(next, path)))) return false
    await syncFolder(dirname(path))
    const destroyed = !(await contentOf(file)).equals(before)
    if (destroyed) await shred(path)
    return !destroyed
  } finally {
    await file.close()
    await shred(next)
    await shred(former)
    if (replacement) await closeReplacement(replacement)
  }
}

/**
 * Overwrites and unlinks a key file and the drafts that an interrupted `replaceKeyFile` left of it. A concurrent
 * replacement sees the overwritten bytes and gives up.
 *
 * @throws the system's error; ENOENT if there is no key file
 */
export async function destroyKeyFile(path: string): Promise<void> {
  for (const draft of draftPaths(path)) {
    const exists = await unlessAbsent(
      access(draft).then(() => true),
      false,
    )
    if (exists) await shred(draft)
  }
  await shredFile(path)
}

/** Returns false if the source file of a link or rename is missing, because the key was destroyed. */
const sourceExisted = (work: Promise<void>): Promise<boolean> =>
  unlessAbsent(
    work.then(() => true),
    false,
  )

/** Copies the owner. Root may replace keys, but the service must be able to destroy them later. */
async function copyOwner(replacement: FileHandle, former: FileHandle): Promise<void> {
  const [newOwner, oldOwner] = await Promise.all([replacement.stat(), former.stat()])
  if (newOwner.uid !== oldOwner.uid || newOwner.gid !== oldOwner.gid)
    await replacement.chown(oldOwner.uid, oldOwner.gid)
}

/** Closes the new file. If its name was removed meanwhile, its bytes are overwritten first. */
async function closeReplacement(replacement: FileHandle): Promise<void> {
  try {
    const { nlink } = await replacement.stat()
    if (nlink === 0) await overwrite(replacement)
  } finally {
    await replacement.close()
  }
}

/**
 * Returns the temporary names of the new and the old file during a replacement. If the replacement is interrupted, they stay
 * until the next replacement or the destruction of the same key. A listing of keys does not show them.
 */
export const draftPaths = (path: string): [next: string, former: string] => [
  join(dirname(path), `.${basename(path)}.new`),
  join(dirname(path), `.${basename(path)}.old`),
]

async function contentOf(file: FileHandle): Promise<Buffer> {
  const { size } = await file.stat()
  const bytes = Buffer.alloc(size)
  const { bytesRead } = await file.read(bytes, 0, size, 0)
  return bytes.subarray(0, bytesRead)
}
