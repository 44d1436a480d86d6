import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { Encrypter } from 'age-encryption'
import { ZipFile } from 'yazl'
import { unfinished } from '../../recording/may-write.js'
import { AppError } from '../../shared/errors.js'

/** One file of an archive: bytes, or something that writes so many bytes when its turn comes. */
export type Entry = { name: string; at: Date } & (
  | { content: string }
  | { bytes: number; write(to: NodeJS.WritableStream): Promise<void> }
)

/**
 * Writes a ZIP file, or one sealed to age recipients (age-encryption.org/v1). Nothing of it is gathered in memory or in
 * another file; it stands under its name only when it is whole, and is readable to its owner alone.
 *
 * @param recipients `age1…`; none: not encrypted
 * @throws AppError `rights.invalid` for a recipient that is none, `store.unwritable`, and whatever an entry throws: then
 *   nothing is left
 */
export async function writeArchive(
  path: string,
  entries: Entry[],
  recipients: readonly string[],
): Promise<void> {
  const sealed = encrypterFor(recipients)
  const file = createWriteStream(unfinished(path), { mode: 0o600, flush: true })
  const plain = zipOf(entries)
  try {
    const bytes = sealed ? Readable.fromWeb((await sealed.encrypt(asWeb(plain))) as ReadableStream) : plain
    await pipeline(bytes, file)
    await rename(unfinished(path), path)
  } catch (cause) {
    plain.destroy()
    await rm(unfinished(path), { force: true })
    const refused = (cause as NodeJS.ErrnoException).syscall
    if (cause instanceof AppError || !refused) throw cause
    throw new AppError(
      'store.unwritable',
      `${path} cannot be written: ${(cause as NodeJS.ErrnoException).code}`,
      { cause },
    )
  }
}

/** Whether a text is one that an age file can be sealed to. */
export function encrypterFor(recipients: readonly string[]): Encrypter | undefined {
  if (recipients.length === 0) return undefined
  const encrypter = new Encrypter()
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient)
    } catch (cause) {
      throw new AppError('rights.invalid', `"${recipient}" is no age recipient: it begins with age1`, {
        cause,
      })
    }
  }
  return encrypter
}

function zipOf(entries: Entry[]): PassThrough {
  const zip = new ZipFile()
  const out = new PassThrough()
  // What fails in an entry fails the archive.
  zip.on('error', error => out.destroy(error))
  zip.outputStream.on('error', error => out.destroy(error)).pipe(out)
  for (const entry of entries) {
    const options = { mtime: entry.at, mode: 0o100600 }
    if ('content' in entry) zip.addBuffer(Buffer.from(entry.content), entry.name, options)
    // Sound of this kind does not shrink.
    else
      zip.addReadStreamLazy(entry.name, { ...options, compress: false, size: entry.bytes }, give => {
        const written = new PassThrough()
        // A stream that is only asked for in its turn is not listened to for errors.
        entry.write(written.on('error', error => out.destroy(error))).catch(error => written.destroy(error))
        give(null, written)
      })
  }
  zip.end()
  return out
}

const asWeb = (stream: Readable) => Readable.toWeb(stream) as globalThis.ReadableStream<Uint8Array>
