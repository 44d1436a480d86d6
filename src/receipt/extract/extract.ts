import { z } from 'zod'
import type { EventData } from '../../shared/events.js'
import { eventOf, type Leaf } from '../leaf.js'
import type { SignedCheckpoint } from '../signed-checkpoint.js'

/** The version that this code writes and reads. */
export const VERSION = 1

/** What the extract of an act says in plain words: the event that closed the act. ISO 8601. */
export interface ActStatement {
  act: string
  number: number
  cause: string
  reason: string
  by: string
  opened: string
  closed: string
  /** How many recordings were destroyed; as many are in the extract. */
  recordings: number
  /** Day on which the act itself may go. */
  keepUntil: string
}

export const statementShape = z.record(z.string(), z.unknown())

/**
 * The statement of version 1: the same event must always give the same, or extracts that were handed out no longer verify.
 *
 * @param leaf of the `act.closed` event
 */
export function statementOf(leaf: Leaf): ActStatement {
  const { at, data } = eventOf<'act.closed'>(leaf)
  const { act, number, cause, reason, by, openedAt, recordings, keepUntil }: EventData['act.closed'] = data
  return { act, number, cause, reason, by, opened: openedAt, closed: at, recordings, keepUntil }
}

/** The members before the events, in their order, each on a line of its own. */
export const headLines = (statement: unknown, { checkpoint, key, witnesses }: SignedCheckpoint): string[] => [
  `{"consentryExtract":${VERSION},`,
  memberLine('statement', statement),
  memberLine('checkpoint', checkpoint),
  memberLine('key', key),
  memberLine('witnesses', witnesses),
  '"events":[',
]

/** One member of the head, as it stands on its line. */
export const memberLine = (name: string, value: unknown): string =>
  `${JSON.stringify(name)}:${JSON.stringify(value)},`

/** One event on its line, without the comma that follows all but the last. */
export const eventLine = ({ index, leaf, path }: { index: number; leaf: string; path: string[] }): string =>
  JSON.stringify({ index, leaf, path })

export const LAST_LINE = ']}'
