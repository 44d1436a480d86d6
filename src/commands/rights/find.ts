import pc from 'picocolors'
import { findPerson, type PersonFound } from '../../rights/collect-person.js'
import { actor } from '../actor.js'
import { print, type Request } from '../command.js'
import { heardTable } from '../heard-text.js'
import { onText } from '../hold.js'
import { table } from '../table.js'
import { answerText, coloured } from '../timeline-text.js'
import { withProject } from '../with-project.js'
import { requestTable } from './requests.js'

/** `rights find NUMBER`. */
export async function find(request: Request, number: string): Promise<number> {
  const by = actor(request)
  const found = await withProject(project => findPerson(project, by, number))
  return print(request, found, report(found))
}

function report({
  number,
  calls,
  recordings,
  heardIn,
  listens,
  requests,
  holds,
  incidents,
}: PersonFound): string {
  const part = (title: string, head: string[], rows: string[][]) =>
    rows.length === 0 ? `${pc.bold(title)}: none\n` : `${pc.bold(title)}\n${table(head, rows)}`
  return [
    `${pc.bold(number)}\n`,
    part(
      'Calls',
      ['call', 'line', 'started', 'decision', 'answers'],
      calls.map(call => [
        call.id,
        call.line ?? '(no line)',
        call.startedAt,
        coloured(call.decision),
        call.purposes.map(answerText).join('\n'),
      ]),
    ),
    part(
      'Recordings',
      ['recording', 'started', 'purpose', 'length', 'state'],
      recordings.map(r => [r.id, r.startedAt, r.purpose, `${r.seconds.toFixed(1)} s`, r.state]),
    ),
    heardTable('Heard in recordings of other callers', heardIn),
    part(
      'Listened to',
      ['at', 'recording', 'by', 'how', 'why'],
      listens.map(({ at, recording, by, how, reason }) => [at, recording, by, how, reason]),
    ),
    requests.length === 0 ? part('Requests', [], []) : `${pc.bold('Requests')}\n${requestTable(requests)}`,
    part(
      'Holds and blocks',
      ['id', 'kind', 'on', 'reason', 'until'],
      holds.map(({ id, kind, on, reason, expiresAt }) => [
        id,
        kind,
        onText(on),
        reason,
        expiresAt ?? 'until released',
      ]),
    ),
    part(
      'Incidents',
      ['number', 'what', 'noticed'],
      incidents.map(({ number, what, noticedAt }) => [String(number), what, noticedAt]),
    ),
  ].join('\n')
}
