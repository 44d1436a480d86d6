import { type FileHandle, link, open, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { syncFolder } from '../durable.js'
import { overwrite, shred, unlessAbsent, writeSynced } from './shred.js'

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
export async function replaceKey(
  path: string,
  change: (wrapped: Buffer) => Buffer | undefined,
): Promise<boolean> {
  const [next, former] = [besides(path, 'new'), besides(path, 'old')]
  await shred(next)
  await shred(former)
  const file = await unlessAbsent<FileHandle | undefined>(open(path, 'r+'), undefined)
  if (!file) return false
  try {
    const before = await contentOf(file)
    const after = change(before)
    if (!after) return false
    await writeSynced(next, after)
    // Under its second name the old file can still be found, and overwritten, after a crash.
    if (
      !(await unlessAbsent(
        link(path, former).then(() => true),
        false,
      ))
    )
      return false
    const replaced = await unlessAbsent(
      rename(next, path).then(() => true),
      false,
    )
    if (!replaced) return false
    await syncFolder(dirname(path))
    const destroyed = !(await contentOf(file)).equals(before)
    if (destroyed) await shred(path)
    else await overwrite(file)
    return !destroyed
  } finally {
    await file.close()
    await shred(next)
    await shred(former)
  }
}

/** What a replacement that was cut off may have left beside a key file; it holds the key as well. */
export const leftBeside = (path: string): string[] => [besides(path, 'new'), besides(path, 'old')]

/** Hidden from listings, and taken for a temporary file wherever those are cleared away. */
const besides = (path: string, what: 'new' | 'old') => join(dirname(path), `.${basename(path)}.${what}.tmp`)

async function contentOf(file: FileHandle): Promise<Buffer> {
  const { size } = await file.stat()
  const bytes = Buffer.alloc(size)
  const { bytesRead } = await file.read(bytes, 0, size, 0)
  return bytes.subarray(0, bytesRead)
}
