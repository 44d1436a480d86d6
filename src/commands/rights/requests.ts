import pc from 'picocolors'
import { dayOf } from '../../core/clock.js'
import { counted } from '../../lib/plural.js'
import { dayCheckOf } from '../../recordings/retain/day-check.js'
import {
  closeRequest as close,
  KINDS,
  LAWS,
  listOpenRequests,
  type OpenRequests,
  openRequest as open,
  type RequestSummary,
} from '../../rights/requests.js'
import { actor } from '../actor.js'
import { print, type Request, text, UsageError } from '../command.js'
import { heardTable } from '../heard-text.js'
import { momentOf } from '../moment.js'
import { table } from '../table.js'
import { withProject } from '../with-project.js'

/** Days left from which a request is urgent. */
const URGENT_DAYS = 3

/** `rights list`: open requests and decisions, the most urgent first. */
export async function list(request: Request): Promise<number> {
  const open = await withProject(listOpenRequests)
  return print(request, open, openText(open))
}

const openText = ({ requests, withdrawn }: OpenRequests): string =>
  [
    requests.length === 0 ? 'No request is open.\n' : requestTable(requests),
    ...withdrawn.map(({ call, number, dueOn, daysLeft, recordings }) =>
      heardTable(
        `${number ?? 'A caller without a number'} withdrew in the call ${call}; due ${dueOn}, ${daysText(daysLeft)}`,
        recordings,
      ),
    ),
  ].join('\n')

/** `rights request NUMBER --kind KIND --law LAW [--received DAY]`. */
export async function openRequest(request: Request, number: string): Promise<number> {
  const kind = oneOf(request, 'kind', KINDS)
  const law = oneOf(request, 'law', LAWS)
  const received = momentOf(request, 'received')
  const receivedOn = received && dayOf(received.getTime())
  const by = actor(request)
  const opened = await withProject(project =>
    open({ ...project, day: dayCheckOf(project) }, by, { number, kind, law, receivedOn }),
  )
  return print(request, opened, requestTable([opened]))
}

/** `rights request close REQUEST --outcome TEXT`. */
export async function closeRequest(request: Request, id: string): Promise<number> {
  const outcome = text(request, 'outcome')?.trim()
  if (!outcome) throw new UsageError('say what became of it: --outcome TEXT')
  const by = actor(request)
  const closed = await withProject(project => close(project, by, id, outcome))
  return print(request, closed, `Request ${id} is closed: ${outcome}.\n`)
}

function oneOf<T extends string>(request: Request, name: string, allowed: readonly T[]): T {
  const given = text(request, name)
  const found = allowed.find(one => one === given)
  if (!found) throw new UsageError(`--${name} is one of ${allowed.join(', ')}`)
  return found
}

/** Requests as a table. The days left are in colour. */
export const requestTable = (requests: readonly RequestSummary[]): string =>
  table(
    ['request', 'number', 'kind', 'law', 'received', 'due', 'left'],
    requests.map(one => [one.id, one.number, one.kind, one.law, one.receivedOn, one.dueOn, left(one)]),
  )

function left({ daysLeft, outcome }: RequestSummary): string {
  if (daysLeft === null) return pc.dim(`closed: ${outcome}`)
  return daysText(daysLeft)
}

function daysText(daysLeft: number): string {
  if (daysLeft < 0) return pc.red(`${counted(-daysLeft, 'day', 'days')} late`)
  return (daysLeft <= URGENT_DAYS ? pc.yellow : pc.green)(counted(daysLeft, 'day', 'days'))
}
