import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pc from 'picocolors'
import { readConfig } from '../config/config.js'
import { KEY_FILE } from '../journal/log/log-folder.js'
import { parseVerifier } from '../journal/log/note.js'
import { checkFile } from '../receipt/check-file.js'
import type { Checked, ReceiptFault } from '../receipt/check-receipt.js'
import { AppError } from '../shared/errors.js'
import { printJson, type Request, texts, UsageError } from './command.js'
import { table } from './table.js'
import { coloured } from './timeline-text.js'

/**
 * Verifies a receipt, or a vCon made of one, without a database.
 *
 * @returns the exit code: 0 only when it holds
 */
export async function verifyFile(request: Request, file: string): Promise<number> {
  if (texts(request, 'anchors').length > 0)
    throw new UsageError('--anchors is for the journal, not for one receipt')
  const keys = await trustedKeys(texts(request, 'key'))
  const checked = checkFile(await read(file), keys)
  const ok = checked.faults.length === 0
  const counts = { events: checked.receipt?.events.length ?? 0, recordings: 0, receipts: 1 }
  if (request.json) printJson({ ok, checked: counts, faults: checked.faults, witnessed: checked.witnessed })
  else process.stdout.write(ok ? praise(file, checked) : complaint(file, checked.faults))
  return ok ? 0 : 1
}

async function read(file: string): Promise<Buffer> {
  return readFile(file).catch(({ code }: NodeJS.ErrnoException) => {
    throw new AppError('not-found', `${file} cannot be read: ${code}`)
  })
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

function praise(file: string, { receipt, witnessed }: Checked): string {
  const { call, decision, answers, started } = receipt!.statement
  const told = answers
    .filter(({ overruled }) => !overruled)
    .map(
      ({ purpose, answer, withdrawn }) => `${purpose}: ${coloured(answer)}${withdrawn ? ', withdrawn' : ''}`,
    )
  const witnesses = witnessed.map(
    ({ name, at, known }) =>
      `\ncosigned by ${name} at ${at}${known ? '' : pc.yellow(' (its key was not given)')}`,
  )
  return `${pc.green('Holds:')} ${file}\ncall ${call} of ${started.local}: ${[coloured(decision), ...told].join(', ')}; ${receipt!.events.length} events are in the log${witnesses.join('')}\n`
}

const complaint = (file: string, faults: ReceiptFault[]): string =>
  `${table(
    ['fault', 'what', 'where'],
    faults.map(({ kind, what, where }) => [pc.red(kind), what, where]),
  )}${pc.red('Does not hold:')} ${file}\n`
