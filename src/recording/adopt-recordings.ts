import { dirname } from 'node:path'
import { SAMPLE_RATE } from '../shared/audio.js'
import { codeOf } from '../shared/errors.js'
import { event } from '../shared/events.js'
import { type CallId, newPartId } from '../shared/ids.js'
import type { LeftPart } from './cover-parts.js'
import type { HeldTap, KeeperClient } from './keeper-client.js'
import { PartWriter } from './part-writer.js'
import type { RecorderDeps } from './recorder-deps.js'
import { Recording } from './recording.js'
import { isKnownTap, type OpenRow, openRecordings, type Pause } from './recording-rows.js'
import { TapSession } from './tap-session.js'

/**
 * Takes up what a service before us left: recordings whose tap the keeper still holds go on in a new part, all
 * others are finished as they are.
 *
 * @returns the sessions of the taps that the keeper holds, and the parts that were left without their end
 */
export async function adoptRecordings(
  deps: RecorderDeps,
  client: KeeperClient,
): Promise<{ sessions: TapSession[]; left: LeftPart[] }> {
  const rows = await openRecordings(deps.db)
  const sessions = await Promise.all(client.held.map(held => adopt(deps, client, held, rows)))
  const adopted = new Set(sessions.map(({ prefix }) => prefix))
  const lost = rows.filter(row => !adopted.has(row.tap) && isOurs(deps, row))
  for (const row of lost) await finishLost(deps, row, row.withdrawn ? 'withdrawn' : 'tap-gone')
  const left = rows
    .filter(row => !row.withdrawn && (adopted.has(row.tap) || isOurs(deps, row)))
    .flatMap(leftParts)
  return { sessions, left }
}

const leftParts = ({ recording, call, parts }: OpenRow): LeftPart[] =>
  parts
    .filter(({ ended }) => !ended)
    .map(({ id, object, bytes }) => ({ recording, call, part: id, object, bytes }))

/**
 * Whether a service of our data folder made a recording. Recordings of other services stay alone: those services may live, and
 * they take up or end what is theirs.
 */
function isOurs(
  { keeper: { tapDir }, owner }: RecorderDeps,
  { service, node, keeper, tap }: OpenRow,
): boolean {
  if (service !== undefined) return service === owner.service
  // Older versions journalled the name and the socket, the oldest only the path of the pipes.
  if (node !== undefined && node !== owner.node) return false
  return dirname(tap) === tapDir || keeper === owner.keeper
}

/**
 * The new part begins where the keeper has no acknowledgement any more: everything before it is durable in the parts
 * before. What was written but not acknowledged stands in both, at the same samples.
 */
async function adopt(
  deps: RecorderDeps,
  client: KeeperClient,
  held: HeldTap,
  rows: readonly OpenRow[],
): Promise<TapSession> {
  const mine = rows.filter(({ call, tap }) => call === held.tag && tap === held.prefix)
  const obstacles = await Promise.all(mine.map(row => obstacleTo(deps, row)))
  const own = mine.filter((_, i) => !obstacles[i])
  for (const [i, row] of mine.entries()) if (obstacles[i]) await finishLost(deps, row, obstacles[i])
  const from: [number, number] = [held.legs[0].acked, held.legs[1].acked]
  const recordings = await Promise.all(own.map(row => goOn(deps, row, Math.max(...from) / SAMPLE_RATE)))
  const session = new TapSession({
    call: held.tag as CallId,
    recordings: recordings.filter(recording => recording !== undefined),
    client,
    clock: deps.clock,
    pbx: own[0]?.pbx,
    from,
  })
  for (const { from: since, over } of pausesFrom(from, own)) session.recall(since, over?.at)
  const tap = client.adopt(held, from, session)
  session.use(tap)
  // Nobody wants it, and Asterisk has let go of it, or was never told of it: a service before us was about to say so.
  const closed = held.legs.every(leg => leg.closed)
  if (own.length === 0 && (closed || !(await isKnownTap(deps.db, session.call, held.prefix))))
    client.gone(tap)
  return session
}

/** A pause is found in the audio to so many samples: where the PBX fell behind, it wrote more than time went by. */
const PAUSE_BOUND = 5 * SAMPLE_RATE

/** The pauses that last, or of which audio that comes from here on may still hold something. */
function pausesFrom([caller, agent]: readonly [number, number], rows: readonly OpenRow[]): Pause[] {
  // All recordings of a tap are paused together; one for a further purpose may have begun in between.
  const pauses = rows.map(row => row.pauses).sort((a, b) => b.length - a.length)[0] ?? []
  return pauses.filter(
    ({ over }) =>
      !over || over.samples.caller + PAUSE_BOUND > caller || over.samples.agent + PAUSE_BOUND > agent,
  )
}

/** Why a recording ends where a service before us left it. */
type Obstacle = 'tap-gone' | 'withdrawn' | 'key-gone'

/**
 * Why the yes does not stand any more; undefined if it does. Where a key of an earlier part is gone it was taken back as
 * well, though the journal, away at that moment and lost with the service, does not say so.
 */
async function obstacleTo(
  { keyStore }: RecorderDeps,
  { withdrawn, parts, purpose, due }: OpenRow,
): Promise<Obstacle | undefined> {
  if (withdrawn) return 'withdrawn'
  const keys = parts.map(({ id }) => keyStore.get({ purpose, due, part: id }))
  const gone = (await Promise.allSettled(keys)).some(
    one => one.status === 'rejected' && codeOf(one.reason) === 'not-found',
  )
  return gone ? 'key-gone' : undefined
}

async function goOn(deps: RecorderDeps, row: OpenRow, seconds: number): Promise<Recording | undefined> {
  const { recording, call, line, purpose, basis, due, parts } = row
  const earlier = parts.map(({ id }) => ({ purpose, due, part: id }))
  const number = Math.max(0, ...parts.map(part => part.number)) + 1
  try {
    const info = { recording, part: newPartId(), number, call, line, purpose, basis, codec: 'alaw' } as const
    const part = await PartWriter.prepare(info, due, deps)
    deps.log.info({ recording, call, partNumber: number }, 'a recording goes on in a new part')
    return new Recording({ part, earlier, tools: deps, log: deps.log })
  } catch (error) {
    const reason = codeOf(error) ?? 'unknown'
    deps.log.error({ recording, call, code: reason }, 'a recording cannot go on')
    noteLost(deps, row, seconds, reason)
    return undefined
  }
}

async function finishLost(deps: RecorderDeps, row: OpenRow, reason: Obstacle): Promise<void> {
  deps.log.warn({ recording: row.recording, call: row.call, reason }, 'a recording ends where it was left')
  noteLost(deps, row, await estimateSeconds(deps, row), reason)
}

function noteLost(deps: RecorderDeps, row: OpenRow, seconds: number, reason: string): void {
  const { recording, call, purpose, parts } = row
  const at = deps.clock.now()
  deps.journal.note(
    parts.length > 0
      ? event('recording.finished', call, at, { recording, state: 'truncated', seconds, reason })
      : event('recording.failed', call, at, { recording, purpose, reason }),
  )
}

/** Without the key only the size is known: two legs of equal length, next to nothing else. */
async function estimateSeconds({ store, log }: RecorderDeps, { parts, recording }: OpenRow): Promise<number> {
  let bytes = 0
  for (const { object } of parts) {
    try {
      const source = await store.open(object)
      bytes += source.size
      await source.close()
    } catch (error) {
      log.error({ recording, object, code: codeOf(error) }, 'a container cannot be read')
    }
  }
  return Math.round(bytes / 2 / SAMPLE_RATE)
}
