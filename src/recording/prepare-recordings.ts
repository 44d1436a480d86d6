import { atMost } from '../shared/at-most.js'
import { DAY_MS, dayOf } from '../shared/clock.js'
import { AppError, codeOf } from '../shared/errors.js'
import { event } from '../shared/events.js'
import { type CallId, newPartId, newRecordingId } from '../shared/ids.js'
import type { Grant } from '../shared/ports.js'
import type { KeeperClient } from '../tap/keeper-client.js'
import { openPipes } from '../tap/pipe-tap-handle.js'
import { PartWriter } from './part-writer.js'
import type { RecorderDeps } from './recorder-deps.js'
import { Recording } from './recording.js'
import { TapSession } from './tap-session.js'

/** How long the commit of the prepared recordings may take, ms: as long as an answer's, for on a busy disk one sync takes half of it. */
const JOURNAL_TIMEOUT = 1_000

/**
 * How long store and key store of one purpose may take once the caller waits in silence, ms. They usually take some 20 ms, on a
 * busy disk five syncs of 100 ms. It is less than the call waits for the tap, so that the other purposes are recorded.
 */
const KEYS_TIMEOUT = 1_500

/** How long a failed preparation waits for its undoing, ms. If the store hangs, the undoing ends later. */
const UNDO_TIMEOUT = 200

/** A recording with what the journal has to know of it. */
interface PreparedPurpose {
  grant: Grant
  due: string
  part: PartWriter
  recording: Recording
}

/** What is to be recorded. */
interface CallToRecord {
  call: CallId
  line: string
  grants: readonly Grant[]
  /** When the PBX was started, in its own words; undefined if it did not say. */
  pbx: string | undefined
  /** Aborted once the caller waits in silence until all is ready. */
  pressing?: AbortSignal | undefined
}

/**
 * Makes key files, pipes and rows ready for one call, in that order; whichever step fails, all before it is undone.
 * A purpose that cannot be recorded is journalled and leaves the others alone.
 *
 * @returns the session, and what the dialplan starts the tap by
 * @throws AppError `key.missing`, `store.unwritable`, `keys.unwritable`, `tap.unavailable`, `journal.*`, if no purpose can be
 * recorded
 */
export async function prepareRecordings(
  deps: RecorderDeps,
  client: KeeperClient,
  { call, line, grants, pbx, pressing }: CallToRecord,
): Promise<{ session: TapSession; reference: string }> {
  const prepared = await prepareKeys(deps, { call, line, grants, pressing })
  const recordings = prepared.map(({ recording }) => recording)
  const session = new TapSession({ call, recordings, clock: deps.clock, pbx })
  try {
    const tap = await openPipes(client, call, session)
    session.useTap(tap)
    await deps.journal.append(
      preparedEvents(deps, call, { tap: tap.reference, pbx }, prepared),
      JOURNAL_TIMEOUT,
    )
    return { session, reference: tap.reference }
  } catch (error) {
    await atMost(deps.clock, UNDO_TIMEOUT, session.cancel(codeOf(error) ?? 'unknown'))
    throw error
  }
}

/** The purposes whose keys could be made, each with its recording. Throws the first failure if there is none. */
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
    deps.log.error({ call, purpose, code: reason, reason: (result.reason as Error).message }, 'cannot record')
    deps.journal.note(event('recording.failed', call, deps.clock.now(), { recording: null, purpose, reason }))
  }
  if (prepared.length === 0) throw failure
  return prepared
}

/** As `prepareKey`, but gives the purpose up `KEYS_TIMEOUT` after `pressing`. A key that is ready later is destroyed. */
function prepareKeyInTime(
  deps: RecorderDeps,
  call: CallId,
  line: string,
  grant: Grant,
  pressing: AbortSignal | undefined,
): Promise<PreparedPurpose> {
  return new Promise((resolve, reject) => {
    let late = false
    let asked: 'store' | 'keys' = 'store'
    let cancel = () => {}
    const startTimeout = () => {
      cancel = deps.clock.after(KEYS_TIMEOUT, () => {
        late = true
        const name = asked === 'keys' ? 'key store' : 'store'
        const said = `the ${name} did not answer within ${KEYS_TIMEOUT} ms`
        reject(new AppError(`${asked}.unwritable`, said, { retryable: true }))
      })
    }
    if (pressing?.aborted) startTimeout()
    else pressing?.addEventListener('abort', startTimeout, { once: true })
    const work = deps.store.checkWritable(grant.purpose).then(() => {
      if (late) throw new AppError('store.unwritable', 'nobody waits for the key any more')
      asked = 'keys'
      return prepareKey(deps, call, line, grant)
    })
    work
      .finally(() => {
        pressing?.removeEventListener('abort', startTimeout)
        cancel()
      })
      .then(prepared => (late ? destroyLateKey(deps, prepared) : resolve(prepared)), reject)
  })
}

/** Destroys the key of a purpose that is not recorded. If that fails, the sweep destroys it later. */
function destroyLateKey({ log }: RecorderDeps, { part }: PreparedPurpose): void {
  part.destroy().catch(error => {
    log.error({ part: part.id, code: codeOf(error) }, 'a key that came too late could not be destroyed')
  })
}

async function prepareKey(
  deps: RecorderDeps,
  call: CallId,
  line: string,
  grant: Grant,
): Promise<PreparedPurpose> {
  const { purpose, basis, retentionDays } = grant
  const due = dayOf(deps.clock.now() + retentionDays * DAY_MS)
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
      ...deps.owner,
    }),
  )
