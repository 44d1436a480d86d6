import { type Leg, SAMPLE_RATE } from '../core/audio.js'
import { AppError, codeOf } from '../core/errors.js'
import { event } from '../core/events.js'
import { type CallId, newPartId } from '../core/ids.js'
import { tapName } from '../core/tap-name.js'
import { waitAtMost } from '../lib/deadline.js'
import { groupBy } from '../lib/group-by.js'
import { archiveAt } from '../vault/store/object-name.js'
import type { UnendedPart } from './hash-unended-parts.js'
import { findOpenRecordings, isTapJournalled, type OpenRecording, type Pause } from './open-recordings.js'
import { PartWriter } from './part-writer.js'
import type { RecorderDeps } from './recorder-deps.js'
import { Recording } from './recording.js'
import type { HeldTap, KeeperClient } from './tap/keeper-client.js'
import { unacknowledgedFrom } from './tap/tap.js'
import { TapSession } from './tap-session.js'

/**
 * Longest time that the start waits for store and key store, ms. They usually take 20 ms, and on a busy disk five syncs
 * of 100 ms. Callers whom the earlier service was asking wait in silence meanwhile.
 */
const STORES_TIMEOUT = 1_500

/**
 * Recovers the recordings of earlier services. Recordings whose tap the keeper still holds continue in a new part. All
 * others of this owner are ended where they stopped. If store or key store hangs, the work continues after this has resolved: audio
 * waits in the recordings and, unacknowledged, in the keeper. A recording whose store hangs for too long is truncated.
 *
 * @returns the sessions of the taps that the keeper holds, and the parts without totals
 */
export async function recoverRecordings(
  deps: RecorderDeps,
  client: KeeperClient,
): Promise<{ sessions: TapSession[]; unended: UnendedPart[] }> {
  const rows = await findOpenRecordings(deps.db)
  const taps = await Promise.all(client.held.map(held => recoverTap(deps, client, held, rows)))
  const sessions = taps.map(({ session }) => session)
  const recoveredTaps = new Set(sessions.flatMap(({ reference }) => (reference ? [tapName(reference)] : [])))
  const isRecovered = ({ tap }: OpenRecording) => recoveredTaps.has(tap)
  const isOurs = ({ service }: OpenRecording) => service === deps.owner.service
  const isEnded = (row: OpenRecording) => (isRecovered(row) ? row.withdrawn : isOurs(row))
  const work = [...taps.map(({ started }) => started), endRecordings(deps, rows.filter(isEnded))]
  await waitForStores(deps, Promise.all(work))
  const unended = rows
    .filter(row => !row.withdrawn && (isRecovered(row) || isOurs(row)))
    .flatMap(unendedPartsOf)
  return { sessions, unended }
}

const unendedPartsOf = ({ recording, call, parts }: OpenRecording): UnendedPart[] =>
  parts
    .filter(({ hasTotals }) => !hasTotals)
    .map(({ id, object, location, bytes }) => ({ recording, call, part: id, object, location, bytes }))

/**
 * Continues a tap and its recordings. The new parts begin at the first sample that is not acknowledged: all audio
 * before it is durable in the earlier parts. Audio that was written but not acknowledged is in both parts, at the same
 * samples.
 */
async function recoverTap(
  deps: RecorderDeps,
  client: KeeperClient,
  held: HeldTap,
  rows: readonly OpenRecording[],
): Promise<{ session: TapSession; started: Promise<void> }> {
  const own = rows.filter(
    ({ call, tap, withdrawn }) => call === held.tag && tap === tapName(held.prefix) && !withdrawn,
  )
  const from = unacknowledgedFrom(held)
  const continued = own.flatMap(row => {
    const one = continueInNewPart(deps, row, Math.max(from.caller, from.agent) / SAMPLE_RATE)
    return one ? [{ ...one, row }] : []
  })
  const session = new TapSession({
    call: held.tag as CallId,
    recordings: continued.map(({ recording }) => recording),
    ...{ clock: deps.clock, log: deps.log, pbx: own[0]?.pbx },
    from,
    caughtUp: deps.caughtUp,
  })
  for (const { recording, row } of continued)
    for (const { from: since, by, end } of pausesFrom(from, row))
      session.pauses.of(recording).recover(since, by, end?.at)
  if (deps.awaitsLook) session.pauses.gate.hold()
  const tap = client.recoverTap(held, from, session)
  session.useTap(tap)
  // The earlier service may have ended before it could end a tap that no recording needs. Asterisk closed such a tap, or
  // never opened it.
  const closed = held.legs.every(leg => leg.closed)
  const endIfUnneeded = () => {
    const needed = session.recordings.some(({ running }) => running)
    if (closed && !needed && !tap.ending) tap.end()
  }
  endIfUnneeded()
  if (own.length === 0 && !tap.ending && !(await isTapJournalled(deps.db, session.call, held.prefix)))
    tap.end()
  return { session, started: Promise.all(continued.map(({ ready }) => ready)).then(endIfUnneeded) }
}

/** Waits for `work`, but not longer than `STORES_TIMEOUT`. @throws what `work` throws within that time */
async function waitForStores({ clock, log }: RecorderDeps, work: Promise<unknown>): Promise<void> {
  if (await waitAtMost(clock, STORES_TIMEOUT, work)) {
    await work
    return
  }
  log.error(
    { ms: STORES_TIMEOUT },
    'store or key store does not answer; recordings of the earlier service are recovered once it does',
  )
  work.then(
    () => log.info('recordings of the earlier service have been recovered'),
    error => log.error({ code: codeOf(error) }, 'recordings of the earlier service could not be recovered'),
  )
}

/** Uncertainty of a pause's position, samples. A PBX that fell behind writes more samples than time has passed. */
const PAUSE_BOUND = 5 * SAMPLE_RATE

/** @returns the pauses of a recording that last, or that may reach into audio after these positions */
const pausesFrom = ({ caller, agent }: Readonly<Record<Leg, number>>, { pauses }: OpenRecording): Pause[] =>
  pauses.filter(
    ({ end }) => !end || end.samples.caller + PAUSE_BOUND > caller || end.samples.agent + PAUSE_BOUND > agent,
  )

/**
 * A missing key of an earlier part means that consent was withdrawn, but the event was lost: the database was
 * unavailable, and the service ended.
 *
 * @returns whether the key of an earlier part is missing
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

/** @returns the recording at once; `ready` resolves once its new part can be written or the recording has ended */
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
    const recording = new Recording({ part, earlierKeys, earlierSeconds: seconds, deps, log: deps.log })
    const ready = part.ready.then(
      () => deps.log.info({ recording: id, call, partNumber: number }, 'a recording continues in a new part'),
      error => recording.endWithFault(error, keyGone ? 'key-gone' : (codeOf(error) ?? 'unknown')),
    )
    return { recording, ready }
  } catch (error) {
    allowed.catch(() => undefined)
    const reason = codeOf(error) ?? 'unknown'
    deps.log.error({ recording: id, call, code: reason }, 'a recording cannot continue and is ended')
    noteEnd(deps, row, seconds, reason)
    return undefined
  }
}

/** Ends recordings where they stopped. A hanging store of one purpose does not delay the other purposes. */
async function endRecordings(deps: RecorderDeps, rows: readonly OpenRecording[]): Promise<void> {
  const endOneByOne = async (ofPurpose: readonly OpenRecording[]) => {
    for (const row of ofPurpose) await endRecording(deps, row, row.withdrawn ? 'withdrawn' : 'tap-gone')
  }
  await Promise.all([...groupBy(rows, ({ purpose }) => purpose).values()].map(endOneByOne))
}

async function endRecording(deps: RecorderDeps, row: OpenRecording, reason: string): Promise<void> {
  deps.log.warn(
    { recording: row.recording, call: row.call, reason },
    'a recording of the earlier service is ended where it stopped',
  )
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

/**
 * Estimates the length from the size of the containers, as if both legs had equal length. The keys are not available.
 */
async function estimateSeconds(
  { store, log }: RecorderDeps,
  { parts, recording }: OpenRecording,
): Promise<number> {
  let bytes = 0
  for (const { object, location } of parts) {
    try {
      const source = await archiveAt(store, location).open(object)
      bytes += source.size
      await source.close()
    } catch (error) {
      log.error(
        { recording, object, code: codeOf(error) },
        'a container cannot be read; the recording is reported as shorter',
      )
    }
  }
  return Math.round(bytes / 2 / SAMPLE_RATE)
}
