import pc from 'picocolors'
import type { Language } from '../documents/moments.js'
import { saveDocument, saveText } from '../documents/save.js'
import type { Deps } from '../operations/deps.js'
import { incidentCsv } from '../rights/incident/incident-csv.js'
import {
  findIncident,
  type Incident,
  listIncidentItems,
  listIncidents,
} from '../rights/incident/incident-rows.js'
import type { IncidentScope } from '../rights/incident/incident-scope.js'
import { noticeDocument } from '../rights/incident/notice.js'
import { noticeDeadlines } from '../rights/incident/notice-deadlines.js'
import { closeIncident, openIncident } from '../rights/incident/open-incident.js'
import { systemClock } from '../shared/clock.js'
import { actor, byOption } from './actor.js'
import { type Command, printJson, printWritten, type Request, text, texts, UsageError } from './command.js'
import { clockText, counted, incidentText, people } from './incident-text.js'
import { endOf, momentOf } from './moment.js'
import { nested } from './nested.js'
import { table } from './table.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Records that recordings got out, or may have',
  details:
    'Finds whom an incident concerns, shows the 24 and 72 hours within which the authority must be told, and fills in its notices as far as it can (docs/acts.md).',
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
      usage:
        '--what TEXT [--noticed TIME] (--recording ID… | --call ID… | --number N… | --from TIME --to TIME [--purpose P]) [--by NAME]',
      run: open,
    },
    list: { usage: '', run: list },
    show: { usage: 'N [--csv | --notice ru|en] [-o FILE]', run: withIncident(show) },
    close: { usage: 'N [--by NAME]', run: withIncident(close) },
  }),
}

async function open(request: Request): Promise<number> {
  const what = text(request, 'what')?.trim()
  if (!what) throw new UsageError('say what happened: --what TEXT')
  const noticedAt = momentOf(request, 'noticed') ?? new Date(systemClock.now())
  if (noticedAt.getTime() > systemClock.now()) throw new UsageError('--noticed lies in the future')
  const wanted = { what, noticedAt, by: actor(request).name, concerned: concernedOf(request) }
  const opened = await withProject(project => openIncident({ ...project, clock: systemClock }, wanted))
  if (request.json) printJson({ ...opened, clocks: noticeDeadlines(noticedAt, new Date(systemClock.now())) })
  else {
    const clocks = noticeDeadlines(noticedAt, new Date(systemClock.now())).map(clockText).join('\n')
    process.stdout.write(
      `Incident ${pc.bold(String(opened.number))}: ${counted(opened.recordings, 'recording', 'recordings')} of ${people(opened.persons)}.\n${clocks}\n`,
    )
  }
  return 0
}

/** Exactly one way of naming them. */
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
  const incidents = (await withProject(({ db }) => listIncidents(db))).map(withClocks)
  if (request.json) printJson(incidents)
  else
    process.stdout.write(
      incidents.length === 0
        ? 'No incidents.\n'
        : table(
            ['incident', 'noticed', 'what', 'people', 'recordings', 'clocks'],
            incidents.map(({ number, noticedAt, what, persons, recordings, closedAt, clocks }) => [
              String(number),
              noticedAt.toISOString(),
              what,
              String(persons),
              String(recordings),
              `${clocks.map(clockText).join('\n')}${closedAt ? `\nclosed ${closedAt.toISOString()}` : ''}`,
            ]),
          ),
    )
  return 0
}

const withClocks = (incident: Incident) => ({
  ...incident,
  clocks: noticeDeadlines(incident.noticedAt, incident.closedAt ?? new Date(systemClock.now())),
})

async function show(request: Request, { config, db }: Deps, incident: Incident): Promise<number> {
  const [notice, out] = [text(request, 'notice'), text(request, 'out')]
  if (notice !== undefined) {
    if (notice !== 'ru' && notice !== 'en') throw new UsageError('--notice is ru or en')
    const file = out ?? `incident-${incident.number}-${notice}.html`
    const pages = noticeDocument(db, incident, notice satisfies Language, config.operator)
    await saveDocument(file, pages, config.chromium)
    return wrote(request, file, incident)
  }
  const items = await listIncidentItems(db, incident.id)
  const content = request.options['csv'] === true ? incidentCsv(items) : undefined
  if (out !== undefined) {
    if (content === undefined) throw new UsageError('-o goes with --csv or --notice')
    await saveText(out, content)
    return wrote(request, out, incident)
  }
  if (content !== undefined) for await (const piece of content) process.stdout.write(piece)
  else if (request.json) printJson({ ...withClocks(incident), items })
  else process.stdout.write(incidentText(withClocks(incident), items))
  return 0
}

function wrote(request: Request, file: string, { number, persons }: Incident): number {
  const words = `${file}: incident ${number}, ${people(persons)}\n`
  printWritten(request, file, { document: { file, number, persons }, words })
  return 0
}

async function close(request: Request, project: Deps, incident: Incident): Promise<number> {
  await closeIncident({ ...project, clock: systemClock }, incident.id, actor(request).name)
  if (request.json) printJson({ incident: incident.id, number: incident.number, closed: true })
  else process.stdout.write(`Incident ${incident.number} is closed; its clocks have stopped.\n`)
  return 0
}

/** Finds the incident that a verb names, and hands it on. */
function withIncident(run: (request: Request, project: Deps, incident: Incident) => Promise<number>) {
  return (request: Request, name: string): Promise<number> =>
    withProject(async project => run(request, project, await findIncident(project.db, name)))
}
