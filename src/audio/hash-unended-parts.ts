import { createHash } from 'node:crypto'
import { codeOf } from '../core/errors.js'
import { event } from '../core/events.js'
import type { CallId, PartId, RecordingId } from '../core/ids.js'
import type { PartLocation } from '../core/part-location.js'
import { readHeader } from '../vault/crypto/part-opener.js'
import type { SealProgress } from '../vault/crypto/part-sealer.js'
import { walkRecords } from '../vault/crypto/walk-records.js'
import { archiveAt } from '../vault/store/object-name.js'
import type { ObjectSource } from '../vault/store/store.js'
import type { RecorderDeps } from './recorder-deps.js'

/** A part without totals, because an earlier service ended before it could write them. */
export interface UnendedPart {
  recording: RecordingId
  call: CallId
  part: PartId
  /** Name of its container. */
  object: string
  location: PartLocation
  /** Bytes of the container that a journalled hash covers. */
  bytes: number
}

type Deps = Pick<RecorderDeps, 'store' | 'journal' | 'clock' | 'log'>

/**
 * Journals length and hash of the containers of unended parts, so that verification finds later changes and cuts. It
 * reads containers one after another, without their keys. Never rejects.
 *
 * @param stopping stops the work after the current record
 * @returns the parts whose containers could not be read; try them again later
 */
export async function hashUnendedParts(
  deps: Deps,
  parts: readonly UnendedPart[],
  stopping: AbortSignal,
): Promise<UnendedPart[]> {
  const unread: UnendedPart[] = []
  for (const part of parts) {
    if (stopping.aborted) return unread
    try {
      await hashPart(deps, part, stopping)
    } catch (error) {
      if (stopping.aborted) return unread
      const code = codeOf(error)
      const { recording, object } = part
      deps.log.error(
        { recording, object, code },
        'a container of an earlier service cannot be read, so its hash is not journalled',
      )
      // A missing or damaged container stays so. Verification reports it.
      if (code !== 'not-found' && code !== 'container.invalid') unread.push(part)
    }
  }
  return unread
}

async function hashPart(
  { store, journal, clock }: Deps,
  { recording, call, part, object, location, bytes }: UnendedPart,
  stopping: AbortSignal,
): Promise<void> {
  const source = await archiveAt(store, location).open(object)
  try {
    if (source.size <= bytes) return
    // Without the sync, a power failure could shorten the container after its length was journalled.
    await source.sync()
    const progress = await readProgress(source, stopping)
    if (progress.bytes <= bytes) return
    journal.note(event('recording.progress', call, clock.now(), { recording, part, ...progress }))
  } finally {
    await source.close()
  }
}

/**
 * Computes length and hash of a container up to the end of its last whole record.
 *
 * @throws AppError `container.invalid`, `store.unwritable`; the reason of `stopping`
 */
async function readProgress(
  source: ObjectSource,
  stopping: AbortSignal,
): Promise<Omit<SealProgress, 'samples'> & { hash512: string }> {
  const { length } = await readHeader(source)
  const header = await source.read(0, length)
  const hashes = [createHash('sha256').update(header), createHash('sha512').update(header)] as const
  let chunks = 0
  let bytes = length
  for await (const { head, body, end } of walkRecords(source, length, () => true)) {
    stopping.throwIfAborted()
    for (const hash of hashes) hash.update(head).update(body!)
    chunks++
    bytes = end
  }
  const [hash, hash512] = hashes.map(one => one.digest('hex')) as [string, string]
  return { chunks, bytes, hash, hash512 }
}
