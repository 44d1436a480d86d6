import pc from 'picocolors'
import { counted } from '../lib/plural.js'
import type { IncidentDetails, NoticeDeadline } from '../rights/incidents.js'
import { table } from './table.js'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** A clock is shown in yellow when this share of its time is left, or less. */
const SOON = 0.25

/** One clock on a line, in the colour of its state. */
export function clockText({ hours, dueAt, remainingMs }: NoticeDeadline): string {
  const size = Math.abs(remainingMs)
  const span = `${Math.floor(size / HOUR_MS)} h ${String(Math.floor((size % HOUR_MS) / MINUTE_MS)).padStart(2, '0')} min`
  const told = remainingMs < 0 ? `overdue by ${span}` : `${span} left`
  const colour = remainingMs < 0 ? pc.red : remainingMs < SOON * hours * HOUR_MS ? pc.yellow : pc.green
  return `${hours} h, by ${dueAt.toISOString()}: ${colour(told)}`
}

export const people = (count: number): string => counted(count, 'person', 'people')

/** An incident with everyone it concerns. */
export function incidentText(incident: IncidentDetails): string {
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
