import { z } from 'zod'
import type { EventData } from '../../shared/events.js'
import { eventOf, type Leaf } from '../leaf.js'
import type { SignedCheckpoint } from '../signed-checkpoint.js'

/** Version of the format that this code writes and reads. */
export const VERSION = 1

/** The statement of an extract, taken from the event that closed the act. Times are ISO 8601. */
export interface ActStatement {
  act: string
  number: number
  cause: string
  reason: string
  by: string
  opened: string
  closed: string
  /** Number of destroyed recordings, which is also the number of destructions in the extract. */
  recordings: number
  /** Day on which the act itself may be deleted. */
  keepUntil: string
}

export const statementShape = z.record(z.string(), z.unknown())

/**
 * The statement of version 1. It must never change for the same event, or extracts that were handed out no longer verify.
 *
 * @param leaf of the `act.closed` event
 */
export function statementOf(leaf: Leaf): ActStatement {
  const { at, data } = eventOf<'act.closed'>(leaf)
  const { act, number, cause, reason, by, openedAt, recordings, keepUntil }: EventData['act.closed'] = data
  return { act, number, cause, reason, by, opened: openedAt, closed: at, recordings, keepUntil }
}

/** The lines before the events, one per member. */
export const headLines = (statement: unknown, { checkpoint, key, witnesses }: SignedCheckpoint): string[] => [
  `{"consentryExtract":${VERSION},`,
  memberLine('statement', statement),
  memberLine('checkpoint', checkpoint),
  memberLine('key', key),
  memberLine('witnesses', witnesses),
  '"events":[',
]

/** The line of one member before the events. */
export const memberLine = (name: string, value: unknown): string =>
  `${JSON.stringify(name)}:${JSON.stringify(value)},`

/** The line of one event, without the comma that follows every event but the last. */
export const eventLine = ({ index, leaf, path }: { index: number; leaf: string; path: string[] }): string =>
  JSON.stringify({ index, leaf, path })

export const LAST_LINE = ']}'
