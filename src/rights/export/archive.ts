import { PassThrough, Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { Encrypter } from 'age-encryption'
import { ZipFile } from 'yazl'
import type { Output } from '../../files/output-file.js'
import { AppError } from '../../shared/errors.js'

/** One file of an archive: bytes, or something that writes so many bytes when its turn comes. */
export type ArchiveEntry = { name: string; at: Date } & (
  | { content: string }
  | { bytes: number; write(to: NodeJS.WritableStream): Promise<void> }
)

/**
 * Writes a ZIP file, or one sealed to age recipients (age-encryption.org/v1). Nothing of it is gathered in memory or in
 * another file.
 *
 * @param recipients `age1…`; none: not encrypted
 * @throws AppError `rights.invalid` for a recipient that is none, `store.unwritable`, and whatever an entry throws
 */
export async function writeArchive(
  output: Output,
  entries: ArchiveEntry[],
  recipients: readonly string[],
): Promise<void> {
  const encrypter = encrypterFor(recipients)
  // Whoever reads it hears of its errors; nobody does once it is not read any more.
  const zip = zipEntries(entries).on('error', () => undefined)
  try {
    await output.write(
      encrypter ? Readable.fromWeb((await encrypter.encrypt(toWebStream(zip))) as ReadableStream) : zip,
    )
  } finally {
    zip.destroy()
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

function zipEntries(entries: ArchiveEntry[]): PassThrough {
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

const toWebStream = (stream: Readable) => Readable.toWeb(stream) as globalThis.ReadableStream<Uint8Array>
