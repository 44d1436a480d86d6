import pc from 'picocolors'
import { readConfig } from '../config/config.js'
import { isUuid, type RecordingId } from '../core/ids.js'
import { counted } from '../lib/plural.js'
import { type DocumentVerdict, verifyDocument } from '../receipts/verify-document.js'
import { type Verdict, verifyAll, verifyRecording } from '../recordings/audit/verify.js'
import { type Command, print, type Request, texts, UsageError } from './command.js'
import { showProgress, table } from './table.js'
import { coloured } from './timeline-text.js'
import { uncoveredText } from './uncovered-text.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Verifies the journal and all recordings, one recording, or a receipt',
  details:
    'Holds the journal against its log, and against the journal the tables that follow from it and every recording: its consent, its hash, its key. A receipt is held against the public keys of the log and of its witness. --key: such a key; --anchors: a copy of checkpoints.txt; both kept elsewhere. Exits 1 if anything does not hold.',
  usage: ['[RECORDING | FILE] [--key KEY|FILE]… [--anchors FILE]…'],
  example: 'verify receipt.json --key log.pub --key witness.pub',
  options: { key: { type: 'string', multiple: true }, anchors: { type: 'string', multiple: true } },
  async run(request) {
    const { words, json } = request
    const [only, ...more] = words
    if (more.length > 0) throw new UsageError('give one recording id, one receipt, or nothing for everything')
    if (only && !isUuid(only)) return verifyFile(request, only)
    const outside = { keys: texts(request, 'key'), checkpointFiles: texts(request, 'anchors') }
    if (only && outside.keys.length + outside.checkpointFiles.length > 0)
      throw new UsageError('--key and --anchors are for the journal or a receipt, not for one recording')
    const bars = { events: showProgress('events'), recordings: showProgress('recordings') }
    const progress = json ? undefined : (what: keyof typeof bars, ...count: Count) => bars[what](...count)
    const { checked, faults, uncovered } = await withProject(project =>
      only ? verifyRecording(project, only as RecordingId, progress) : verifyAll(project, outside, progress),
    )
    const ok = faults.length === 0
    print({ json }, { ok, checked, faults, uncovered }, report({ checked, faults, uncovered }))
    return ok ? 0 : 1
  },
}

type Count = [done: number, of: number]

function report({ checked, faults, uncovered }: Verdict): string {
  const counts = table(
    ['checked', 'number'],
    Object.entries(checked).map(([what, number]) => [what, String(number)]),
  )
  const note = uncoveredText(uncovered)
  if (faults.length === 0) return `${counts}${note}${pc.green('All holds.')}\n`
  const rows = faults.map(({ kind, what, where }) => [pc.red(kind), what, where])
  return `${counts}${table(['fault', 'what', 'where'], rows)}${note}${pc.red(`Faults: ${faults.length}`)}\n`
}

/**
 * Verifies a receipt, a vCon made from a receipt, or the extract of an act, without a database.
 *
 * @returns the exit code: 0 only if the document is valid
 */
async function verifyFile(request: Request, file: string): Promise<number> {
  if (texts(request, 'anchors').length > 0)
    throw new UsageError('--anchors is for the journal, not for one document')
  const keys = texts(request, 'key')
  const verdict =
    keys.length > 0
      ? await verifyDocument(file, keys)
      : await verifyDocument(file, keys, readConfig(process.env, 'tool'))
  const { faults, witnessed, checked, entered } = verdict
  const ok = faults.length === 0
  print(
    request,
    { ok, checked, faults, witnessed, ...(entered && { entered }) },
    ok ? praise(file, verdict) : complaint(file, faults),
  )
  return ok ? 0 : 1
}

function praise(file: string, { receipt, act, witnessed, entered }: DocumentVerdict): string {
  const subject = receipt ? aboutReceipt(receipt) : act ? aboutAct(act) : ''
  const witnesses = witnessed.map(
    ({ name, at, known }) =>
      `\ncosigned by ${name} at ${at}${known ? '' : pc.yellow(' (its key was not given)')}`,
  )
  return `${pc.green('Holds:')} ${file}\n${subject}${witnesses.join('')}${entryText(entered)}${rests(witnessed)}\n`
}

/** The times between which the decision entered the log, by the witnesses. */
function entryText({ after, by }: NonNullable<DocumentVerdict['entered']> = { after: [], by: [] }): string {
  const [[first], [last]] = [by, after]
  const since = last ? `after ${last.at} (${last.name})` : ''
  const until = first ? `by ${first.at} (${first.name})` : ''
  const bounds = [since, until].filter(Boolean).join(' and ')
  return bounds && `\nits answers entered the log ${bounds}`
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
  const given = answers
    .filter(({ overruled }) => !overruled)
    .map(
      ({ purpose, answer, withdrawn }) => `${purpose}: ${coloured(answer)}${withdrawn ? ', withdrawn' : ''}`,
    )
  return `call ${call} of ${started.local}: ${[coloured(decision), ...given].join(', ')}; ${counted(events.length, 'event is', 'events are')} in the log`
}

const aboutAct = ({ number, cause, recordings, by, closed }: NonNullable<DocumentVerdict['act']>): string =>
  `act ${number} (${cause}) of ${closed}${by === undefined ? '' : `, by ${by}`}: the log holds the destruction of ${counted(recordings, 'recording', 'recordings')}, all that the act counts`

const complaint = (file: string, faults: DocumentVerdict['faults']): string =>
  `${table(
    ['fault', 'what', 'where'],
    faults.map(({ kind, what, where }) => [pc.red(kind), what, where]),
  )}${pc.red('Does not hold:')} ${file}\n`
