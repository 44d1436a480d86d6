import { AppError, type ErrorCode } from '../../core/errors.js'
import type { PartId } from '../../core/ids.js'
import { inParallel } from '../../lib/lane.js'
import { keyIdsOf, rewrapKey } from '../crypto/key-file.js'
import type { Identity, Recipient } from '../crypto/types.js'
import type { KeyRef, KeyStore } from '../keys/key-store.js'

/** Key files sealed in parallel, so that the disk syncs them together. */
const MAX_PARALLEL = 16
/** Key files read from the database with one query. */
const QUERY_BATCH = 500

/** What `resealKeys` needs. */
export interface ResealOptions {
  keyStore: KeyStore
  purpose: string
  /** All recipients of the purpose. Key files are sealed for these and no others. */
  recipients: Recipient[]
  /** Identities that open the present key files. */
  identities: Identity[]
  /** Returns those of the parts whose recording is or will be destroyed. Their keys are not resealed. */
  findDestroyed(parts: readonly PartId[]): Promise<ReadonlySet<PartId>>
  /** Returns the parts of the purpose that need a key now. */
  partsNeedingKey(): Promise<ReadonlySet<PartId>>
  progress?: ((done: number, of: number) => void) | undefined
  /**
   * Aborted, with the error to throw, once another process may replace key files. No further key file is then started.
   */
  lost?: AbortSignal | undefined
}

/** Outcome of `resealKeys`. */
export interface ResealReport {
  /** Number of key files that were resealed. */
  resealed: number
  /** Number of key files whose recipients were right already. */
  unchanged: number
  /** Key files that could not be resealed, with the error. */
  failed: { part: PartId; code: ErrorCode; reason: string }[]
  /** Number of parts that needed a key before and after the run and have no key file in the key store. */
  missing: number
}

/**
 * Seals every key file of a purpose for its recipients and no others, on every mirror. Each file is replaced
 * atomically. If the run is killed, every key file is the old or the new one, and the next run completes the rest.
 * Containers are not changed.
 *
 * @throws AppError `store.*` if the key store cannot be listed; the reason of `lost`
 */
export async function resealKeys({
  keyStore,
  purpose,
  progress,
  lost,
  ...sealing
}: ResealOptions): Promise<ResealReport> {
  // Ask before the listing: the key of a later part may be in a folder that was listed already.
  const before = await sealing.partsNeedingKey()
  const refs: KeyRef[] = []
  for await (const entry of keyStore.list()) if (entry.purpose === purpose) refs.push(entry)
  const result: ResealReport = { resealed: 0, unchanged: 0, failed: [], missing: 0 }
  let done = 0
  for (let at = 0; at < refs.length; at += QUERY_BATCH) {
    const batch = refs.slice(at, at + QUERY_BATCH)
    const destroyed = await sealing.findDestroyed(batch.map(({ part }) => part))
    await inParallel(batch, MAX_PARALLEL, async ref => {
      lost?.throwIfAborted()
      if (!destroyed.has(ref.part)) await resealOne(keyStore, ref, sealing, result)
      done++
    })
    progress?.(done, refs.length)
  }
  result.missing = await countMissing(before, refs, sealing)
  return result
}

/**
 * Counts the parts whose key file was not listed. Such a key file may be on a volume that was not searched, and still be sealed
 * for the old identity.
 */
async function countMissing(
  before: ReadonlySet<PartId>,
  refs: readonly KeyRef[],
  { partsNeedingKey }: Pick<ResealOptions, 'partsNeedingKey'>,
): Promise<number> {
  const listed = new Set(refs.map(({ part }) => part))
  const missing = [...before].filter(part => !listed.has(part))
  if (missing.length === 0) return 0
  // Parts destroyed since then need no key any more.
  const still = await partsNeedingKey()
  return missing.filter(part => still.has(part)).length
}

async function resealOne(
  keyStore: KeyStore,
  ref: KeyRef,
  { identities, recipients }: Pick<ResealOptions, 'identities' | 'recipients'>,
  result: ResealReport,
): Promise<void> {
  try {
    const changed = await keyStore.reseal(ref, wrapped =>
      isSealedFor(wrapped, ref.part, recipients)
        ? undefined
        : rewrapKey(wrapped, ref, identities, recipients),
    )
    if (changed > 0) result.resealed++
    else result.unchanged++
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    result.failed.push({ part: ref.part, code: error.code, reason: error.message })
  }
}

function isSealedFor(wrapped: Buffer, part: PartId, recipients: readonly Recipient[]): boolean {
  const has = keyIdsOf(wrapped, part)
  return has.length === recipients.length && recipients.every(({ keyId }) => has.includes(keyId))
}
