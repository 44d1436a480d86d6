import { dueDay } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import { event } from '../core/events.js'
import { type CallId, newPartId, newRecordingId } from '../core/ids.js'
import type { Grant } from '../core/ports.js'
import { tapName } from '../core/tap-name.js'
import { waitAtMost, withDeadline } from '../lib/deadline.js'
import { PartWriter } from './part-writer.js'
import type { RecorderDeps } from './recorder-deps.js'
import { Recording } from './recording.js'
import type { KeeperClient } from './tap/keeper-client.js'
import { TapSession } from './tap-session.js'

/**
 * Longest time for the commit of the prepared recordings, ms, the same as for an answer. One sync of a busy disk takes
 * half of it.
 */
const JOURNAL_TIMEOUT = 1_000

/**
 * Longest time for store and key store of one purpose once the caller waits in silence, ms. They usually take 20 ms,
 * and on a busy disk five syncs of 100 ms. The call waits longer than this for the tap, so that the other purposes are
 * recorded.
 */
const KEYS_TIMEOUT = 1_500

/** Longest wait for the undoing of a failed preparation, ms. If the store hangs, the undoing continues after that. */
const UNDO_TIMEOUT = 200

/** A store or key store did not refuse, but took too long. */
class TooLate extends AppError {}

/** A prepared recording and what its event needs. */
interface PreparedPurpose {
  grant: Grant
  due: string
  part: PartWriter
  recording: Recording
}

interface CallToRecord {
  call: CallId
  line: string
  grants: readonly Grant[]
  /** Start time of the PBX, in its own format; undefined if it did not report it. */
  pbx: string | undefined
  /** Aborted once the caller waits in silence for the tap. */
  pressing?: AbortSignal | undefined
}

/**
 * Prepares the recordings of one call: key files, then pipes, then events. If a step fails, the steps before it are
 * undone. If one purpose cannot be recorded, its failure is journalled, and the other purposes are still recorded.
 *
 * @returns the session, and the tap's reference for the dialplan
 * @throws AppError `key.missing`, `store.unwritable`, `keys.unwritable`, `tap.unavailable`, `journal.*`, if no purpose
 *   can be recorded
 */
export async function prepareRecordings(
  deps: RecorderDeps,
  client: KeeperClient,
  { call, line, grants, pbx, pressing }: CallToRecord,
): Promise<{ session: TapSession; reference: string }> {
  const prepared = await prepareKeys(deps, { call, line, grants, pressing })
  const recordings = prepared.map(({ recording }) => recording)
  const { clock, log, caughtUp } = deps
  const session = new TapSession({ call, recordings, clock, log, pbx, caughtUp })
  try {
    const tap = await client.openTap(call, session)
    session.useTap(tap)
    await deps.journal.append(
      preparedEvents(deps, call, { tap: tapName(tap.reference), pbx }, prepared),
      JOURNAL_TIMEOUT,
    )
    return { session, reference: tap.reference }
  } catch (error) {
    await waitAtMost(deps.clock, UNDO_TIMEOUT, session.cancel(codeOf(error) ?? 'unknown'))
    throw error
  }
}

/**
 * Prepares the keys of all purposes.
 *
 * @returns the purposes that succeeded
 * @throws the first failure, if no purpose succeeded
 */
async function prepareKeys(
  deps: RecorderDeps,
  { call, line, grants, pressing }: Omit<CallToRecord, 'pbx'>,
): Promise<PreparedPurpose[]> {
  const results = await Promise.allSettled(
    grants.map(grant => prepareKeyInTime(deps, call, line, grant, pressing)),
  )
  const prepared: PreparedPurpose[] = []
  let failure: unknown
  for (const [i, result] of results.entries()) {
    if (result.status === 'fulfilled') {
      prepared.push(result.value)
      continue
    }
    failure ??= result.reason
    const reason = codeOf(result.reason) ?? 'unknown'
    const { purpose } = grants[i]!
    deps.log.error(
      { call, purpose, code: reason, reason: (result.reason as Error).message },
      'a purpose cannot be recorded; the call goes on',
    )
    const late = result.reason instanceof TooLate && { late: true as const }
    const data = { recording: null, purpose, reason, ...late }
    deps.journal.note(event('recording.failed', call, deps.clock.now(), data))
  }
  if (prepared.length === 0) throw failure
  return prepared
}

/** As `prepareKey`, but rejects `KEYS_TIMEOUT` after `pressing` was aborted. A key that is ready later is destroyed. */
function prepareKeyInTime(
  deps: RecorderDeps,
  call: CallId,
  line: string,
  grant: Grant,
  pressing: AbortSignal | undefined,
): Promise<PreparedPurpose> {
  let late = false
  let waitingFor: 'store' | 'keys' = 'store'
  const work = deps.store.checkWritable(grant.purpose).then(() => {
    if (late) throw new AppError('store.unwritable', 'the preparation has timed out')
    waitingFor = 'keys'
    return prepareKey(deps, call, line, grant)
  })
  return withDeadline(work, {
    clock: deps.clock,
    ms: KEYS_TIMEOUT,
    // Without this signal, no caller waits.
    from: pressing ?? new AbortController().signal,
    error() {
      late = true
      const name = waitingFor === 'keys' ? 'key store' : 'store'
      const message = `the ${name} did not answer within ${KEYS_TIMEOUT} ms`
      return new TooLate(`${waitingFor}.unwritable`, message, { retryable: true })
    },
    onLate: prepared => destroyLateKey(deps, prepared),
  })
}

/** Destroys a key that was ready after the time-out. If that fails, the sweep destroys it later. */
function destroyLateKey({ log }: RecorderDeps, { part }: PreparedPurpose): void {
  part.destroy().catch(error => {
    log.error(
      { part: part.id, code: codeOf(error) },
      'a key that was made too late could not be destroyed; the sweep destroys it later',
    )
  })
}

async function prepareKey(
  deps: RecorderDeps,
  call: CallId,
  line: string,
  grant: Grant,
): Promise<PreparedPurpose> {
  const { purpose, basis, retentionDays } = grant
  const due = dueDay(deps.clock.now(), retentionDays)
  const info = {
    recording: newRecordingId(),
    part: newPartId(),
    number: 1,
    call,
    line,
    purpose,
    basis: basis.event,
    codec: 'alaw',
  } as const
  const part = await PartWriter.prepare(info, due, deps)
  return { grant, due, part, recording: new Recording({ part, deps, log: deps.log }) }
}

const preparedEvents = (
  deps: RecorderDeps,
  call: CallId,
  { tap, pbx }: { tap: string; pbx: string | undefined },
  prepared: readonly PreparedPurpose[],
) =>
  prepared.map(({ grant, due, recording }) =>
    event('recording.prepared', call, deps.clock.now(), {
      recording: recording.id,
      purpose: grant.purpose,
      basis: grant.basis.event,
      due,
      tap,
      ...(pbx && { pbx }),
      service: deps.owner.service,
    }),
  )
