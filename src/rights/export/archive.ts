import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { Encrypter } from 'age-encryption'
import { ZipFile } from 'yazl'
import { AppError } from '../../core/errors.js'
import type { Output } from '../../lib/files/output-file.js'
import { projectRoot } from '../../lib/process/project.js'

/** One file of an archive: its text, or a function that writes exactly `bytes` bytes when the archive reaches it. */
export type ArchiveEntry = { name: string; at: Date } & (
  | { content: string }
  | { bytes: number; write(to: NodeJS.WritableStream): Promise<void> }
)

/**
 * Writes a ZIP file, optionally encrypted for age recipients (age-encryption.org/v1). The archive is streamed: it is never whole
 * in memory or in a temporary file.
 *
 * @param recipients `age1…`; an empty list: the archive is not encrypted
 * @throws AppError `rights.invalid` for an invalid recipient, `store.unwritable`, and the errors of the entries
 */
export async function writeArchive(
  output: Output,
  entries: ArchiveEntry[],
  recipients: readonly string[],
): Promise<void> {
  const encrypter = encrypterFor(recipients)
  // The reader of the stream gets its errors. This listener catches errors after reading has ended.
  const zip = zipEntries(entries).on('error', () => undefined)
  try {
    await output.write(
      encrypter
        ? Readable.fromWeb((await encrypter.encrypt(toWebStream(zip))) as unknown as ReadableStream)
        : zip,
    )
  } finally {
    zip.destroy()
  }
}

/**
 * Makes an encrypter for age recipients.
 *
 * @returns undefined for an empty list
 * @throws AppError `rights.invalid` for an invalid recipient
 */
export function encrypterFor(recipients: readonly string[]): Encrypter | undefined {
  if (recipients.length === 0) return undefined
  const encrypter = new Encrypter()
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient)
    } catch (cause) {
      throw new AppError(
        'rights.invalid',
        `"${recipient}" is not an age recipient. Give a public key that begins with age1.`,
        {
          cause,
        },
      )
    }
  }
  return encrypter
}

function zipEntries(entries: ArchiveEntry[]): PassThrough {
  const zip = new ZipFile()
  const out = new PassThrough()
  // An error in one entry fails the whole archive.
  zip.on('error', error => out.destroy(error))
  zip.outputStream.on('error', error => out.destroy(error)).pipe(out)
  for (const entry of entries) {
    const options = { mtime: entry.at, mode: 0o100600 }
    if ('content' in entry) zip.addBuffer(Buffer.from(entry.content), entry.name, options)
    // Audio is stored uncompressed, because it would hardly shrink.
    else
      zip.addReadStreamLazy(entry.name, { ...options, compress: false, size: entry.bytes }, give => {
        const written = new PassThrough()
        // The ZIP library does not listen for errors of a lazily opened stream.
        entry.write(written.on('error', error => out.destroy(error))).catch(error => written.destroy(error))
        give(null, written)
      })
  }
  zip.end()
  return out
}

const toWebStream = (stream: Readable) => Readable.toWeb(stream) as globalThis.ReadableStream<Uint8Array>

/** Files of the second verifier that only tests use. */
const FOR_TESTS = ['batch.py']

/** The second verifier, with which the recipient of a copy can verify the receipts in it without this program. */
export function verifierEntries(at: Date): ArchiveEntry[] {
  const folder = join(projectRoot(), 'tools', 'verify')
  return readdirSync(folder)
    .filter(name => /\.(py|md)$/.test(name) && !FOR_TESTS.includes(name))
    .sort()
    .map(name => ({ name: `verify/${name}`, at, content: readFileSync(join(folder, name), 'utf8') }))
}
