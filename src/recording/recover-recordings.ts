import { dirname } from 'node:path'
import { atMost } from '../shared/at-most.js'
import { type Leg, SAMPLE_RATE } from '../shared/audio.js'
import { AppError, codeOf } from '../shared/errors.js'
import { event } from '../shared/events.js'
import { groupBy } from '../shared/group-by.js'
import { type CallId, newPartId } from '../shared/ids.js'
import type { HeldTap, KeeperClient } from '../tap/keeper-client.js'
import { positionOf, recoverPipes } from '../tap/pipe-tap-handle.js'
import type { UnendedPart } from './hash-unended-parts.js'
import { findOpenRecordings, isTapJournalled, type OpenRecording, type Pause } from './open-recordings.js'
import { PartWriter } from './part-writer.js'
import type { RecorderDeps } from './recorder-deps.js'
import { Recording } from './recording.js'
import { TapSession } from './tap-session.js'

/**
 * How long the start waits for store and key store, ms. They usually take some 20 ms, on a busy disk five syncs of 100 ms.
 * Meanwhile callers whom the service before us left in question wait in silence.
 */
const STORES_TIMEOUT = 1_500

/**
 * Takes up what a service before us left: recordings whose tap the keeper still holds go on in a new part, all
 * others are finished as they are. Where store or key store hangs, it goes on after this has resolved: audio waits in the
 * recordings and, unacknowledged, with the keeper. A recording whose store takes none of it for too long is truncated.
 *
 * @returns the sessions of the taps that the keeper holds, and the parts that were left without their end
 */
export async function recoverRecordings(
  deps: RecorderDeps,
  client: KeeperClient,
): Promise<{ sessions: TapSession[]; left: UnendedPart[] }> {
  const rows = await findOpenRecordings(deps.db)
  const taps = await Promise.all(client.held.map(held => recoverTap(deps, client, held, rows)))
  const sessions = taps.map(({ session }) => session)
  const recoveredTaps = new Set(sessions.map(({ reference }) => reference))
  const isEnded = (row: OpenRecording) => (recoveredTaps.has(row.tap) ? row.withdrawn : isOurs(deps, row))
  const work = [...taps.map(({ started }) => started), endRecordings(deps, rows.filter(isEnded))]
  await waitForStores(deps, Promise.all(work))
  const left = rows
    .filter(row => !row.withdrawn && (recoveredTaps.has(row.tap) || isOurs(deps, row)))
    .flatMap(unendedPartsOf)
  return { sessions, left }
}

const unendedPartsOf = ({ recording, call, parts }: OpenRecording): UnendedPart[] =>
  parts
    .filter(({ hasTotals }) => !hasTotals)
    .map(({ id, object, bytes }) => ({ recording, call, part: id, object, bytes }))

/**
 * Whether a service of our data folder made a recording. Recordings of other services stay alone: those services may live, and
 * they take up or end what is theirs.
 */
function isOurs(
  { keeper: { tapDir }, owner }: RecorderDeps,
  { service, node, keeper, tap }: OpenRecording,
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
async function recoverTap(
  deps: RecorderDeps,
  client: KeeperClient,
  held: HeldTap,
  rows: readonly OpenRecording[],
): Promise<{ session: TapSession; started: Promise<void> }> {
  const own = rows.filter(
    ({ call, tap, withdrawn }) => call === held.tag && tap === held.prefix && !withdrawn,
  )
  const from = positionOf(held)
  const begun = own
    .map(row => continueInNewPart(deps, row, Math.max(from.caller, from.agent) / SAMPLE_RATE))
    .filter(one => one !== undefined)
  const session = new TapSession({
    call: held.tag as CallId,
    recordings: begun.map(({ recording }) => recording),
    clock: deps.clock,
    pbx: own[0]?.pbx,
    from,
  })
  for (const { from: since, end } of pausesFrom(from, own)) session.recoverPause(since, end?.at)
  const tap = recoverPipes(client, held, session)
  session.useTap(tap)
  // Nobody wants it, and Asterisk has let go of it, or was never told of it: a service before us was about to say so.
  const closed = held.legs.every(leg => leg.closed)
  const endIfUnwanted = () => {
    const wanted = session.recordings.some(({ running }) => running)
    if (closed && !wanted && !tap.ending) tap.end()
  }
  endIfUnwanted()
  if (own.length === 0 && !tap.ending && !(await isTapJournalled(deps.db, session.call, held.prefix)))
    tap.end()
  return { session, started: Promise.all(begun.map(({ ready }) => ready)).then(endIfUnwanted) }
}

/** Waits for store and key store, but not for long. @throws what `work` throws in time */
async function waitForStores({ clock, log }: RecorderDeps, work: Promise<unknown>): Promise<void> {
  let over = false
  const done = work.finally(() => {
    over = true
  })
  await atMost(clock, STORES_TIMEOUT, done)
  if (over) {
    await done
    return
  }
  log.error(
    { ms: STORES_TIMEOUT },
    'store or key store does not answer: what an earlier service recorded goes on, or is ended, once it does',
  )
  done.then(
    () => log.info('what an earlier service recorded has been taken up after all'),
    error => log.error({ code: codeOf(error) }, 'what an earlier service recorded could not be taken up'),
  )
}

/** A pause is found in the audio to so many samples: where the PBX fell behind, it wrote more than time went by. */
const PAUSE_BOUND = 5 * SAMPLE_RATE

/** The pauses that last, or of which audio that comes from here on may still hold something. */
function pausesFrom(
  { caller, agent }: Readonly<Record<Leg, number>>,
  rows: readonly OpenRecording[],
): Pause[] {
  // All recordings of a tap are paused together; one for a further purpose may have begun in between.
  const pauses = rows.map(row => row.pauses).sort((a, b) => b.length - a.length)[0] ?? []
  return pauses.filter(
    ({ end }) => !end || end.samples.caller + PAUSE_BOUND > caller || end.samples.agent + PAUSE_BOUND > agent,
  )
}

/**
 * Whether the key of an earlier part is gone. Then the yes was taken back, though the journal, away at that moment and lost
 * with the service, does not say so.
 */
async function isKeyGone(
  { keyStore }: RecorderDeps,
  { parts, purpose, due }: OpenRecording,
): Promise<boolean> {
  const keys = parts.map(({ id }) => keyStore.get({ purpose, due, part: id }))
  return (await Promise.allSettled(keys)).some(
    one => one.status === 'rejected' && codeOf(one.reason) === 'not-found',
  )
}

/** @returns the recording at once; `ready` resolves once its new part can be written, or the recording is over */
function continueInNewPart(
  deps: RecorderDeps,
  row: OpenRecording,
  seconds: number,
): { recording: Recording; ready: Promise<void> } | undefined {
  const { recording: id, call, line, purpose, basis, due, parts } = row
  const number = Math.max(0, ...parts.map(part => part.number)) + 1
  const info = {
    recording: id,
    part: newPartId(),
    number,
    call,
    line,
    purpose,
    basis,
    codec: 'alaw',
  } as const
  let keyGone = false
  const allowed = isKeyGone(deps, row).then(gone => {
    keyGone = gone
    if (gone) throw new AppError('not-found', 'the key of an earlier part is gone')
  })
  try {
    const part = PartWriter.prepareInBackground(info, due, deps, allowed)
    const earlierKeys = parts.map(one => ({ purpose, due, part: one.id }))
    const recording = new Recording({ part, earlierKeys, deps, log: deps.log })
    const ready = part.ready.then(
      () => deps.log.info({ recording: id, call, partNumber: number }, 'a recording goes on in a new part'),
      error => recording.failNewPart(error, keyGone ? 'key-gone' : (codeOf(error) ?? 'unknown'), seconds),
    )
    return { recording, ready }
  } catch (error) {
    allowed.catch(() => undefined)
    const reason = codeOf(error) ?? 'unknown'
    deps.log.error({ recording: id, call, code: reason }, 'a recording cannot go on')
    noteEnd(deps, row, seconds, reason)
    return undefined
  }
}

/** Ends recordings where they were left. Where the store of one purpose hangs, the others are not held up. */
async function endRecordings(deps: RecorderDeps, rows: readonly OpenRecording[]): Promise<void> {
  const finish = async (rows: readonly OpenRecording[]) => {
    for (const row of rows) await endRecording(deps, row, row.withdrawn ? 'withdrawn' : 'tap-gone')
  }
  await Promise.all([...groupBy(rows, ({ purpose }) => purpose).values()].map(finish))
}

async function endRecording(deps: RecorderDeps, row: OpenRecording, reason: string): Promise<void> {
  deps.log.warn({ recording: row.recording, call: row.call, reason }, 'a recording ends where it was left')
  noteEnd(deps, row, await estimateSeconds(deps, row), reason)
}

function noteEnd(deps: RecorderDeps, row: OpenRecording, seconds: number, reason: string): void {
  const { recording, call, purpose, parts } = row
  const at = deps.clock.now()
  deps.journal.note(
    parts.length > 0
      ? event('recording.finished', call, at, { recording, state: 'truncated', seconds, reason })
      : event('recording.failed', call, at, { recording, purpose, reason }),
  )
}

/** Without the key only the size is known: two legs of equal length, next to nothing else. */
async function estimateSeconds(
  { store, log }: RecorderDeps,
  { parts, recording }: OpenRecording,
): Promise<number> {
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
