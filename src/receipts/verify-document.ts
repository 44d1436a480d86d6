import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import type { Config } from '../config/config.js'
import { AppError } from '../core/errors.js'
import { ownTrust } from '../log/folder-keys.js'
import { parseVerifier } from '../log/notes/note.js'
import { joinTrust, type Trust, trustIn } from '../log/notes/trusted-keys.js'
import { checkFile } from './check-file.js'
import type { EntryTime, ReceiptFault } from './check-receipt.js'
import type { Cosignature } from './check-signed-checkpoint.js'
import { checkExtract, EXTRACT_PREFIX, type ExtractFault } from './extract/check-extract.js'
import type { ActStatement } from './extract/extract.js'
import type { Receipt } from './receipt.js'

/** The result of verifying a document. */
export interface DocumentVerdict {
  /** How many of each kind were checked. */
  checked: Record<string, number>
  faults: (ReceiptFault | ExtractFault)[]
  witnessed: Cosignature[]
  /** What the witnesses state about when a receipt's decision entered the log. */
  entered?: EntryTime | undefined
  /** The receipt, if the document is one that can be read. */
  receipt?: Receipt | undefined
  /** The statement of the act, if the document is an extract that can be read. */
  act?: ActStatement | undefined
}

/**
 * Verifies a receipt, a vCon made of one, or the extract of an act, without a database.
 *
 * @param file path of the document
 * @param named trusted verifier keys, each as it is or in a file, which may also have statements by which the log's key was rotated;
 *   if empty, the keys of the log on this machine
 * @param config the settings of this machine; not needed with keys, so that a document can be verified anywhere
 * @throws AppError `not-found` for a file that cannot be read; `request.invalid` without any key
 */
export async function verifyDocument(
  file: string,
  named: readonly string[],
  config?: Pick<Config, 'log'>,
): Promise<DocumentVerdict> {
  const { keys, rotations } = await trusted(named, config)
  if (await isExtract(file)) {
    const { statement, events, ...rest } = await checkExtract(createReadStream(file), keys, rotations)
    const checked = { events, recordings: statement?.recordings ?? 0, receipts: 0, extracts: 1 }
    return { ...rest, checked, act: statement }
  }
  const { receipt, ...rest } = checkFile(await read(file), keys, rotations)
  return { ...rest, checked: { events: receipt?.events.length ?? 0, recordings: 0, receipts: 1 }, receipt }
}

async function isExtract(path: string): Promise<boolean> {
  const file = await open(path).catch(unreadable(path))
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(EXTRACT_PREFIX.length)).catch(unreadable(path))
    return buffer.toString('utf8', 0, bytesRead) === EXTRACT_PREFIX
  } finally {
    await file.close()
  }
}

const read = (file: string): Promise<Buffer> => readFile(file).catch(unreadable(file))

const unreadable =
  (file: string) =>
  ({ code }: NodeJS.ErrnoException): never => {
    throw new AppError('not-found', `${file} cannot be read: ${code}`)
  }

async function trusted(named: readonly string[], config?: Pick<Config, 'log'>): Promise<Trust> {
  if (named.length === 0) {
    const own = config && (await ownTrust(config.log.dir))
    if (own) return own
    throw new AppError(
      'request.invalid',
      'there is no log on this machine: give its public key, --key KEY or --key FILE, as the operator published it (log/key.pub in its data folder)',
    )
  }
  return joinTrust(
    await Promise.all(
      named.map(async name =>
        parseVerifier(name) ? { keys: [name.trim()], rotations: [] } : await trustInFile(name),
      ),
    ),
  )
}

async function trustInFile(file: string): Promise<Trust> {
  const trust = trustIn((await read(file)).toString('utf8'))
  if (trust.keys.length + trust.rotations.length === 0)
    throw new AppError('request.invalid', `${file} holds no verifier key`)
  return trust
}
