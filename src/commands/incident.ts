import pc from 'picocolors'
import type { WrittenLanguage } from '../core/policy.js'
import { saveDocument, saveText } from '../lib/documents/save.js'
import { counted } from '../lib/plural.js'
import { dayCheckOf } from '../recordings/retain/day-check.js'
import {
  closeIncident,
  type IncidentDetails,
  type IncidentDocument,
  type IncidentScope,
  incidentList,
  incidentNotice,
  listIncidents,
  type NoticeDeadline,
  openIncident,
  showIncident,
} from '../rights/incidents.js'
import { actor, byOption } from './actor.js'
import { type Command, print, printWritten, type Request, text, texts, UsageError } from './command.js'
import { endOf, momentOf } from './moment.js'
import { nested } from './nested.js'
import { table } from './table.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Records that recordings got out, or may have',
  details:
    'Finds whom an incident concerns, shows the 24 and 72 hours within which the authority must be told, and fills in its notices as far as it can (docs/rights.md).',
  example: 'incident open --what "disk lost" --from 2026-11-01 --to 2026-11-03',
  options: {
    what: { type: 'string' },
    noticed: { type: 'string' },
    recording: { type: 'string', multiple: true },
    call: { type: 'string', multiple: true },
    number: { type: 'string', multiple: true },
    from: { type: 'string' },
    to: { type: 'string' },
    purpose: { type: 'string' },
    csv: { type: 'boolean' },
    notice: { type: 'string' },
    out: { type: 'string', short: 'o' },
    ...byOption,
  },
  ...nested({
    open: {
      does: 'Opens an incident, and finds whom it concerns',
      usage:
        '--what TEXT [--noticed TIME] (--recording ID… | --call ID… | --number N… | --from TIME --to TIME [--purpose P]) [--by NAME]',
      run: open,
    },
    list: { does: 'Lists incidents with their deadlines', usage: '', run: list },
    show: {
      does: 'Shows an incident, its persons as CSV, or the notice to an authority',
      usage: 'N [--csv | --notice ru|en] [-o FILE]',
      run: show,
    },
    close: { does: 'Closes an incident', usage: 'N [--by NAME]', run: close },
  }),
}

async function open(request: Request): Promise<number> {
  const what = text(request, 'what')?.trim()
  if (!what) throw new UsageError('say what happened: --what TEXT')
  const noticedAt = momentOf(request, 'noticed')
  const by = actor(request)
  const concerned = concernedOf(request)
  const opened = await withProject(project =>
    openIncident({ ...project, day: dayCheckOf(project) }, by, { what, noticedAt, concerned }),
  )
  const clocks = opened.clocks.map(clockText).join('\n')
  return print(
    request,
    opened,
    `Incident ${pc.bold(String(opened.number))}: ${counted(opened.recordings, 'recording', 'recordings')} of ${people(opened.persons)}.\n${clocks}\n`,
  )
}

/** Requires exactly one way of naming the recordings. */
function concernedOf(request: Request): IncidentScope {
  const [recordings, calls, numbers] = ['recording', 'call', 'number'].map(name => texts(request, name))
  const [from, to, purpose] = [momentOf(request, 'from'), endOf(request, 'to'), text(request, 'purpose')]
  const ways: IncidentScope[] = [
    ...(recordings!.length > 0 ? [{ recordings: recordings! }] : []),
    ...(calls!.length > 0 ? [{ calls: calls! }] : []),
    ...(numbers!.length > 0 ? [{ numbers: numbers! }] : []),
    ...(from && to ? [{ from, to, purpose }] : []),
  ]
  if (ways.length !== 1 || (!(from && to) && (from || to || purpose !== undefined)))
    throw new UsageError('give --recording, --call or --number (each as often as needed), or --from and --to')
  return ways[0]!
}

async function list(request: Request): Promise<number> {
  const incidents = await withProject(listIncidents)
  return print(
    request,
    incidents,
    table(
      ['incident', 'noticed', 'what', 'people', 'recordings', 'clocks'],
      incidents.map(({ number, noticedAt, what, persons, recordings, closedAt, clocks }) => [
        String(number),
        noticedAt.toISOString(),
        what,
        String(persons),
        String(recordings),
        `${clocks.map(clockText).join('\n')}${closedAt ? `\nclosed ${closedAt.toISOString()}` : ''}`,
      ]),
      'No incidents.',
    ),
  )
}

async function show(request: Request, name: string): Promise<number> {
  const [notice, out, csv] = [text(request, 'notice'), text(request, 'out'), request.options['csv'] === true]
  if (notice !== undefined) return writeNotice(request, name, languageOf(notice))
  if (out !== undefined && !csv) throw new UsageError('-o goes with --csv or --notice')
  if (csv) return writeList(request, name, out)
  const incident = await withProject(project => showIncident(project, name))
  return print(request, incident, incidentText(incident))
}

function languageOf(notice: string): WrittenLanguage {
  if (notice !== 'ru' && notice !== 'en') throw new UsageError('--notice is ru or en')
  return notice
}

function writeNotice(request: Request, name: string, language: WrittenLanguage): Promise<number> {
  return withProject(async project => {
    const { incident, pieces } = await incidentNotice(project, name, language)
    const file = text(request, 'out') ?? `incident-${incident.number}-${language}.html`
    await saveDocument(file, pieces, project.config.chromium)
    return printFile(request, file, incident)
  })
}

function writeList(request: Request, name: string, file: string | undefined): Promise<number> {
  return withProject(async project => {
    const { incident, pieces } = await incidentList(project, name)
    if (file === undefined) {
      for await (const piece of pieces) process.stdout.write(piece)
      return 0
    }
    await saveText(file, pieces)
    return printFile(request, file, incident)
  })
}

function printFile(
  request: Request,
  file: string,
  { number, persons }: IncidentDocument['incident'],
): number {
  const words = `${file}: incident ${number}, ${people(persons)}\n`
  printWritten(request, file, { document: { file, number, persons }, words })
  return 0
}

async function close(request: Request, name: string): Promise<number> {
  const by = actor(request)
  const { incident, number } = await withProject(project => closeIncident(project, by, name))
  return print(
    request,
    { incident, number, closed: true },
    `Incident ${number} is closed; its clocks have stopped.\n`,
  )
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** A clock is shown in yellow when this share of its time is left, or less. */
const SOON = 0.25

/** One clock on a line, in the colour of its state. */
function clockText({ hours, dueAt, remainingMs }: NoticeDeadline): string {
  const size = Math.abs(remainingMs)
  const span = `${Math.floor(size / HOUR_MS)} h ${String(Math.floor((size % HOUR_MS) / MINUTE_MS)).padStart(2, '0')} min`
  const remaining = remainingMs < 0 ? `overdue by ${span}` : `${span} left`
  const colour = remainingMs < 0 ? pc.red : remainingMs < SOON * hours * HOUR_MS ? pc.yellow : pc.green
  return `${hours} h, by ${dueAt.toISOString()}: ${colour(remaining)}`
}

const people = (count: number): string => counted(count, 'person', 'people')

/** An incident with everyone it concerns. */
function incidentText(incident: IncidentDetails): string {
  const { number, what, noticedAt, by, closedAt, closedBy, persons, recordings, clocks, items } = incident
  const lines = [
    `${pc.bold(`Incident ${number}`)}: ${what}`,
    `noticed ${noticedAt.toISOString()}, recorded by ${by}`,
    ...clocks.map(clockText),
    ...(closedAt ? [`closed ${closedAt.toISOString()} by ${closedBy}`] : []),
    `${counted(recordings, 'recording', 'recordings')} of ${people(persons)}:`,
  ]
  const rows = items.map(({ person, call, recording, purpose, recordedAt, state }) => [
    person || '(unknown)',
    call,
    recording,
    purpose,
    recordedAt.toISOString(),
    state,
  ])
  return `${lines.join('\n')}\n${table(['caller', 'call', 'recording', 'purpose', 'recorded', 'state'], rows)}`
}
