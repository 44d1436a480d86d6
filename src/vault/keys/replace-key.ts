import { type FileHandle, link, open, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { syncFolder, unlessAbsent, writeSynced } from '../../files/durable.js'
import { overwrite, shred } from '../../files/shred.js'

/**
 * Replaces a key file by what `change` makes of it, atomically: whoever reads it, and whatever survives a crash, is the
 * one or the other, whole. The bytes of the old one are then overwritten. Cut off anywhere, the next call on the same
 * path clears up.
 *
 * A key that is destroyed meanwhile stays destroyed: whoever destroys one overwrites it before the name goes, so if the
 * old file's bytes have changed by the time the new one has its name, the new one has to go as well.
 *
 * @param path of the key file; only one process may replace key files of a folder at a time
 * @param change undefined leaves the file as it is
 * @returns whether it was replaced
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
    // Under its second name the old file can still be found, and overwritten, after a crash.
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

/** False if the file was gone, which only its destruction does. */
const sourceExisted = (work: Promise<void>): Promise<boolean> =>
  unlessAbsent(
    work.then(() => true),
    false,
  )

/** Who replaces keys may be root; who destroys them one day is the service, and must be able to. */
async function copyOwner(replacement: FileHandle, former: FileHandle): Promise<void> {
  const [now, then] = await Promise.all([replacement.stat(), former.stat()])
  if (now.uid !== then.uid || now.gid !== then.gid) await replacement.chown(then.uid, then.gid)
}

/** Lets go of a new file; should its name have been taken away meanwhile, its bytes go too. */
async function closeReplacement(replacement: FileHandle): Promise<void> {
  try {
    const { nlink } = await replacement.stat()
    if (nlink === 0) await overwrite(replacement)
  } finally {
    await replacement.close()
  }
}

/**
 * The names under which a replacement keeps the new file and the old one for a moment, and which it leaves if it is cut
 * off. No listing shows them; the next replacement of the same key, or its destruction, takes them away.
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
