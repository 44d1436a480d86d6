import pc from 'picocolors'
import { readConfig } from '../config/config.js'
import { counted } from '../lib/plural.js'
import { type DocumentVerdict, verifyDocument } from '../receipts/verify-document.js'
import { printJson, type Request, texts, UsageError } from './command.js'
import { table } from './table.js'
import { coloured } from './timeline-text.js'

/**
 * Verifies a receipt, a vCon made from a receipt, or the extract of an act, without a database.
 *
 * @returns the exit code: 0 only if the document is valid
 */
export async function verifyFile(request: Request, file: string): Promise<number> {
  if (texts(request, 'anchors').length > 0)
    throw new UsageError('--anchors is for the journal, not for one document')
  const keys = texts(request, 'key')
  const verdict =
    keys.length > 0
      ? await verifyDocument(file, keys)
      : await verifyDocument(file, keys, readConfig(process.env, 'tool'))
  const { faults, witnessed, checked, entered } = verdict
  const ok = faults.length === 0
  if (request.json) printJson({ ok, checked, faults, witnessed, ...(entered && { entered }) })
  else process.stdout.write(ok ? praise(file, verdict) : complaint(file, faults))
  return ok ? 0 : 1
}

function praise(file: string, { receipt, act, witnessed, entered }: DocumentVerdict): string {
  const told = receipt ? aboutReceipt(receipt) : act ? aboutAct(act) : ''
  const witnesses = witnessed.map(
    ({ name, at, known }) =>
      `\ncosigned by ${name} at ${at}${known ? '' : pc.yellow(' (its key was not given)')}`,
  )
  return `${pc.green('Holds:')} ${file}\n${told}${witnesses.join('')}${entryTold(entered)}${rests(witnessed)}\n`
}

/** The times between which the decision entered the log, by the witnesses. */
function entryTold({ after, by }: NonNullable<DocumentVerdict['entered']> = { after: [], by: [] }): string {
  const [[first], [last]] = [by, after]
  const since = last ? `after ${last.at} (${last.name})` : ''
  const until = first ? `by ${first.at} (${first.name})` : ''
  const told = [since, until].filter(Boolean).join(' and ')
  return told && `\nits answers entered the log ${told}`
}

/** The basis of the verdict without a cosignature by a trusted witness. */
const rests = (witnessed: DocumentVerdict['witnessed']): string =>
  witnessed.some(({ known }) => known)
    ? ''
    : pc.yellow(
        "\nno witness's key was given: whoever holds the log's key could have signed this at any time",
      )

function aboutReceipt({ statement, events }: NonNullable<DocumentVerdict['receipt']>): string {
  const { call, decision, answers, started } = statement
  const told = answers
    .filter(({ overruled }) => !overruled)
    .map(
      ({ purpose, answer, withdrawn }) => `${purpose}: ${coloured(answer)}${withdrawn ? ', withdrawn' : ''}`,
    )
  return `call ${call} of ${started.local}: ${[coloured(decision), ...told].join(', ')}; ${counted(events.length, 'event is', 'events are')} in the log`
}

const aboutAct = ({ number, cause, recordings, by, closed }: NonNullable<DocumentVerdict['act']>): string =>
  `act ${number} (${cause}) of ${closed}${by === undefined ? '' : `, by ${by}`}: the log holds the destruction of ${counted(recordings, 'recording', 'recordings')}, all that the act counts`

const complaint = (file: string, faults: DocumentVerdict['faults']): string =>
  `${table(
    ['fault', 'what', 'where'],
    faults.map(({ kind, what, where }) => [pc.red(kind), what, where]),
  )}${pc.red('Does not hold:')} ${file}\n`
