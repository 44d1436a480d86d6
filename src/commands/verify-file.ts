import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pc from 'picocolors'
import { readConfig } from '../config/config.js'
import { checkFile } from '../receipt/check-file.js'
import type { CheckedReceipt, ReceiptFault } from '../receipt/check-receipt.js'
import type { Cosignature } from '../receipt/check-signed-checkpoint.js'
import {
  type CheckedExtract,
  checkExtract,
  EXTRACT_PREFIX,
  type ExtractFault,
} from '../receipt/extract/check-extract.js'
import type { ActStatement } from '../receipt/extract/extract.js'
import type { Receipt } from '../receipt/receipt.js'
import { AppError } from '../shared/errors.js'
import { counted } from '../shared/plural.js'
import { KEY_FILE } from '../tlog/log-folder.js'
import { parseVerifier } from '../tlog/notes/note.js'
import { printJson, type Request, texts, UsageError } from './command.js'
import { table } from './table.js'
import { coloured } from './timeline-text.js'

/**
 * Verifies a receipt, a vCon made of one, or the extract of an act, without a database.
 *
 * @returns the exit code: 0 only when it holds
 */
export async function verifyFile(request: Request, file: string): Promise<number> {
  if (texts(request, 'anchors').length > 0)
    throw new UsageError('--anchors is for the journal, not for one document')
  const keys = await trustedKeys(texts(request, 'key'))
  const { faults, witnessed, checked, told } = (await isExtract(file))
    ? ofExtract(await checkExtract(createReadStream(file), keys))
    : ofReceipt(checkFile(await read(file), keys))
  const ok = faults.length === 0
  if (request.json) printJson({ ok, checked, faults, witnessed })
  else process.stdout.write(ok ? praise(file, told, witnessed) : complaint(file, faults))
  return ok ? 0 : 1
}

const ofReceipt = ({ receipt, ...rest }: CheckedReceipt) => ({
  ...rest,
  checked: { events: receipt?.events.length ?? 0, recordings: 0, receipts: 1 },
  told: receipt ? aboutReceipt(receipt) : '',
})

const ofExtract = ({ statement, events, ...rest }: CheckedExtract) => ({
  ...rest,
  checked: { events, recordings: statement?.recordings ?? 0, receipts: 0, extracts: 1 },
  told: statement ? aboutAct(statement) : '',
})

async function isExtract(path: string): Promise<boolean> {
  const file = await open(path).catch(unreadable(path))
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(EXTRACT_PREFIX.length)).catch(unreadable(path))
    return buffer.toString('utf8', 0, bytesRead) === EXTRACT_PREFIX
  } finally {
    await file.close()
  }
}

async function read(file: string): Promise<Buffer> {
  return readFile(file).catch(unreadable(file))
}

const unreadable =
  (file: string) =>
  ({ code }: NodeJS.ErrnoException): never => {
    throw new AppError('not-found', `${file} cannot be read: ${code}`)
  }

/** Keys given, each as it is or in a file; without any, that of the log on this machine. */
async function trustedKeys(named: string[]): Promise<string[]> {
  if (named.length === 0) {
    const own = await readFile(join(readConfig(process.env, 'tool').log.dir, KEY_FILE), 'utf8').catch(
      () => '',
    )
    if (own) return [own.trim()]
    throw new UsageError(
      'there is no log on this machine: give its public key, --key KEY or --key FILE, as the operator published it (log/key.pub in its data folder)',
    )
  }
  const keys = await Promise.all(named.map(async name => (isKey(name) ? [name.trim()] : keysIn(name))))
  return keys.flat()
}

const isKey = (text: string): boolean => parseVerifier(text) !== undefined

async function keysIn(file: string): Promise<string[]> {
  const lines = (await read(file)).toString('utf8').split('\n')
  const keys = lines.map(line => line.trim()).filter(isKey)
  if (keys.length === 0) throw new UsageError(`${file} holds no verifier key`)
  return keys
}

function praise(file: string, told: string, witnessed: Cosignature[]): string {
  const witnesses = witnessed.map(
    ({ name, at, known }) =>
      `\ncosigned by ${name} at ${at}${known ? '' : pc.yellow(' (its key was not given)')}`,
  )
  return `${pc.green('Holds:')} ${file}\n${told}${witnesses.join('')}\n`
}

function aboutReceipt({ statement, events }: Receipt): string {
  const { call, decision, answers, started } = statement
  const told = answers
    .filter(({ overruled }) => !overruled)
    .map(
      ({ purpose, answer, withdrawn }) => `${purpose}: ${coloured(answer)}${withdrawn ? ', withdrawn' : ''}`,
    )
  return `call ${call} of ${started.local}: ${[coloured(decision), ...told].join(', ')}; ${counted(events.length, 'event is', 'events are')} in the log`
}

const aboutAct = ({ number, cause, recordings, by, closed }: ActStatement): string =>
  `act ${number} (${cause}) of ${closed}, by ${by}: the log holds the destruction of ${counted(recordings, 'recording', 'recordings')}, all that the act counts`

const complaint = (file: string, faults: (ReceiptFault | ExtractFault)[]): string =>
  `${table(
    ['fault', 'what', 'where'],
    faults.map(({ kind, what, where }) => [pc.red(kind), what, where]),
  )}${pc.red('Does not hold:')} ${file}\n`
