import { SAMPLE_RATE } from '../core/audio.js'
import { DAY_MS, dayOf } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import { event } from '../core/events.js'
import { newPartId, newRecordingId } from '../core/ids.js'
import type { KeptAnswer } from '../core/ports.js'
import { withDeadline } from '../lib/deadline.js'
import type { PartInfo } from '../vault/crypto/types.js'
import { PartWriter } from './part-writer.js'
import type { RecorderDeps } from './recorder-deps.js'
import { Recording } from './recording.js'

/** Longest time for store and key store, ms. No caller waits, and the sound waits in memory. */
const KEYS_TIMEOUT = 5_000
/** Longest time for the commit of the prepared recording, ms. No caller waits. */
const JOURNAL_TIMEOUT = 5_000

/**
 * Seals the words of a committed yes as a recording of their own, with one part and the caller's leg alone: the key
 * first, then the event, then the sound. A failure is journalled, and leaves neither key nor sound. Never rejects.
 */
export async function keepAnswer(deps: RecorderDeps, kept: KeptAnswer): Promise<void> {
  const { call, grant, keeps, sound } = kept
  const { journal, clock, log, store, owner } = deps
  const { purpose, basis, retentionDays } = grant
  const due = dayOf(clock.now() + retentionDays * DAY_MS)
  let part: PartWriter | undefined
  try {
    const prepared = store.checkWritable(purpose).then(() => PartWriter.prepare(infoOf(kept), due, deps))
    part = await withDeadline(prepared, { clock, ms: KEYS_TIMEOUT, error: keysTimedOut, onLate: destroyLate })
    const { recording } = part.info
    const data = { recording, purpose, keeps, basis: basis.event, due, tap: '', service: owner.service }
    await journal.append([event('recording.prepared', call, clock.now(), data)], JOURNAL_TIMEOUT)
  } catch (error) {
    const reason = codeOf(error) ?? 'unknown'
    log.error({ call, purpose, code: reason }, 'a spoken yes could not be kept; it counts nevertheless')
    await part
      ?.destroy()
      .catch(() => log.error({ call }, 'a key could not be destroyed; the sweep does it later'))
    journal.note(
      event('recording.failed', call, clock.now(), {
        recording: part?.info.recording ?? null,
        purpose,
        reason,
      }),
    )
    return
  }
  const recording = new Recording({ part, deps, log })
  const seconds = sound.length / SAMPLE_RATE
  const bytes = Buffer.from(sound.buffer, sound.byteOffset, sound.byteLength)
  await recording.write({ leg: 'caller', sample: 0, bytes, arrivedAt: kept.at })
  await recording.finish({ state: 'finished' }, seconds, 'unused')
}

const infoOf = ({ call, line, grant: { purpose, basis } }: KeptAnswer): PartInfo => ({
  ...{ recording: newRecordingId(), part: newPartId(), number: 1 },
  ...{ call, line, purpose, basis: basis.event, codec: 'slin' },
})

const keysTimedOut = () =>
  new AppError('keys.unwritable', `store and key store did not answer within ${KEYS_TIMEOUT} ms`, {
    retryable: true,
  })

/** The sweep destroys what this cannot. */
const destroyLate = (late: PartWriter): void => void late.destroy().catch(() => undefined)
