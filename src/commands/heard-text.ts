import pc from 'picocolors'
import type { PersonFound } from '../rights/collect-person.js'
import { table } from './table.js'

/** Advice about recordings of other callers in which a person is heard. */
export const DECIDE = `Each of these recordings is also of somebody else who agreed, so a person decides about it:
consentry rights destroy RECORDING --reason TEXT destroys it, consentry hold add RECORDING --reason TEXT keeps it.
`

/**
 * The recordings of other callers in which a person is heard, and when. The list ends with advice if there is a remedy.
 */
export function heardTable(title: string, recordings: PersonFound['heardIn']): string {
  if (recordings.length === 0) return `${pc.bold(title)}: none\n`
  const rows = recordings.map(({ recording, call, purpose, state, withdrawnAt, intervals }) => [
    recording,
    call,
    purpose,
    state,
    intervals.map(({ from, to }) => `${from} to ${to ?? 'now'}`).join('\n'),
    withdrawnAt === undefined ? '' : pc.yellow(withdrawnAt),
  ])
  const head = ['recording', 'of the call', 'purpose', 'state', 'heard', 'withdrawn']
  const open = recordings.some(({ state }) => state !== 'destroyed')
  return `${pc.bold(title)}\n${table(head, rows)}${open ? DECIDE : ''}`
}
