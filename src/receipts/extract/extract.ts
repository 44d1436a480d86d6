import { z } from 'zod'
import { canonical } from '../../lib/canonical-json.js'
import { eventOf, type Leaf } from '../leaf.js'
import { provenEventShape, saltShape } from '../receipt.js'
import type { SignedCheckpoint } from '../signed-checkpoint.js'

/** Version of the format. */
export const VERSION = 1

/** The first line of every extract. */
export const VERSION_LINE = `{"consentryExtract":${VERSION},`

/** The statement of an extract, taken from the event that closed the act. Times are ISO 8601. */
export interface ActStatement {
  act: string
  number: number
  cause: string
  /** Why, and who ordered it. Absent if it was erased. */
  reason?: string
  by?: string
  opened: string
  closed: string
  /** Number of destroyed recordings, which is also the number of destructions in the extract. */
  recordings: number
  /** Day on which the act itself may be deleted. */
  keepUntil: string
}

export const statementShape = z.record(z.string(), z.unknown())

/**
 * The statement of an extract. In one version of the format it must never change for the same event, or extracts that were handed out no longer verify.
 *
 * @param leaf of the `act.closed` event
 * @param personal its personal part, unless erased
 */
export function statementOf(leaf: Leaf, personal?: Opening): ActStatement {
  const { at, data } = eventOf<'act.closed'>(leaf)
  const { act, number, cause, openedAt, recordings, keepUntil } = data
  const { reason, by } = personal?.data ?? {}
  const typed = { ...(reason !== undefined && { reason }), ...(by !== undefined && { by }) }
  return { act, number, cause, ...typed, opened: openedAt, closed: at, recordings, keepUntil }
}

/**
 * The lines before the events, one per member.
 *
 * @param rotations the statements by which the log's key was rotated
 */
export const headLines = (
  statement: unknown,
  { checkpoint, key, witnesses }: SignedCheckpoint,
  rotations: readonly string[],
): string[] => [
  VERSION_LINE,
  memberLine('statement', statement),
  memberLine('checkpoint', checkpoint),
  memberLine('key', key),
  memberLine('witnesses', witnesses),
  memberLine('rotations', rotations),
  '"events":[',
]

/** The line of one member before the events. */
export const memberLine = (name: string, value: unknown): string =>
  `${JSON.stringify(name)}:${JSON.stringify(value)},`

/** An event with its proof, and the last one with its personal part. */
export const extractEventShape = provenEventShape.extend({
  personal: z
    .strictObject({
      data: z.strictObject({ by: z.string().optional(), reason: z.string().optional() }),
      salt: saltShape,
    })
    .optional(),
})

export type ExtractEvent = z.infer<typeof extractEventShape>

/** The personal part of the event that closed the act, and the salt of its hash in the leaf, hex. */
export type Opening = NonNullable<ExtractEvent['personal']>

/** The line of one event, without the comma that follows every event but the last. */
export const eventLine = ({ index, leaf, path, personal }: ExtractEvent): string =>
  JSON.stringify({
    index,
    leaf,
    path,
    ...(personal && { personal: { data: JSON.parse(canonical(personal.data)), salt: personal.salt } }),
  })

export const LAST_LINE = ']}'
