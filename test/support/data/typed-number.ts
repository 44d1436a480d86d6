import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { EventType } from '../../../src/core/events.js'
import type { Db } from '../../../src/db/database.js'

/** Typed wherever somebody takes words. */
export const TYPED = '79997654321'
/** The same number in a sentence. */
export const TEXT = `about +7 (999) 765-43-21, that is ${TYPED}`
/** Its digits, however it is typed. */
const DIGITS = '9997654321'

/** Events into which a test types the number by the command. */
export const BY_COMMAND: readonly EventType[] = [
  ...(['hold.placed', 'hold.released', 'recording.opened', 'person.found', 'person.exported'] as const),
  ...(['person.corrected', 'person.erased', 'request.received', 'request.closed'] as const),
  ...(['incident.opened', 'incident.closed', 'token.added', 'token.revoked'] as const),
  ...(['act.closed', 'user.disabled', 'user.enabled'] as const),
]

/** Events into which a test types the number by the API. */
export const BY_API: readonly EventType[] = [
  ...(['console.requested', 'line.changed', 'line.group-changed', 'line.group-proposed'] as const),
  ...(['line.group-proposal-withdrawn', 'line.group-proposal-refused'] as const),
  ...(['line.draft-saved', 'line.draft-discarded'] as const),
  ...([
    'line.approval-requested',
    'line.approved',
    'line.approval-refused',
    'line.scheduled',
    'line.schedule-cancelled',
  ] as const),
  ...([
    'prompt.saved',
    'prompt.published',
    'prompt.withdrawn',
    'prompt.proposed',
    'prompt.proposal-withdrawn',
    'prompt.proposal-refused',
    'rules.published',
    'company.changed',
  ] as const),
  ...(['user.invited', 'user.roles-changed', 'user.reset', 'session.ended', 'training.recorded'] as const),
]

/** Digits of a text, without what people type between them. */
const squeezed = (text: string): string => text.replaceAll(/[ ().-]/g, '')

/** The events that have the number in the part that the log publishes, and those that have it in the personal part. */
export async function typedEvents(
  db: Db,
  digits = DIGITS,
): Promise<{ open: string[]; personal: Set<EventType> }> {
  const rows = await db
    .selectFrom('event')
    .leftJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['type', 'event.data', 'event_personal.data as personal'])
    .execute()
  const has = (data: unknown) => squeezed(JSON.stringify(data)).includes(digits)
  return {
    open: rows.filter(({ data }) => has(data)).map(({ type }) => type),
    personal: new Set(rows.filter(({ personal }) => has(personal)).map(({ type }) => type)),
  }
}

/** Fails if a file of the log has the number, or if no event of these types has it in its personal part. */
export async function assertUnpublished(
  t: Test,
  db: Db,
  dir: string,
  types: readonly EventType[],
): Promise<void> {
  const files = readdirSync(join(dir, 'tile'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
  for (const type of types)
    t.ok(
      files.some(text => text.includes(`"type":"${type}"`)),
      `the tiles have ${type}`,
    )
  t.notOk(files.some(text => squeezed(text).includes(DIGITS)))
  const { open, personal } = await typedEvents(db)
  t.strictSame(open, [])
  t.strictSame(
    types.filter(type => !personal.has(type)),
    [],
    'the number is in the personal part of each',
  )
}
