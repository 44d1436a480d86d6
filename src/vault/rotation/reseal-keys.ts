import { AppError, type ErrorCode } from '../../shared/errors.js'
import type { PartId } from '../../shared/ids.js'
import { inParallel } from '../../shared/lane.js'
import { rewrapKey, sealedFor } from '../crypto/key-file.js'
import type { Identity, Recipient } from '../crypto/types.js'
import type { KeyRef, KeyStore } from '../keys/key-store.js'

/** Key files sealed anew at once: their syncs reach the disk together. */
const WIDTH = 16
/** Key files looked up at once. */
const BATCH = 500

export interface Resealing {
  keyStore: KeyStore
  purpose: string
  /** Everybody who is to open recordings of the purpose, and nobody else. */
  recipients: Recipient[]
  /** Those that open the key files as they are. */
  identities: Identity[]
  /** Which of these parts belong to recordings that are destroyed, or about to be: their keys are not sealed anew. */
  destroyed(parts: readonly PartId[]): Promise<ReadonlySet<PartId>>
  /** Parts of the purpose that need their key at this moment. */
  needed(): Promise<ReadonlySet<PartId>>
  progress?: ((done: number, of: number) => void) | undefined
}

export interface Resealed {
  /** Key files that were sealed anew. */
  resealed: number
  /** Key files that were as they should be. */
  unchanged: number
  /** Key files that could not be sealed anew. */
  failed: { part: PartId; code: ErrorCode; reason: string }[]
  /** Parts that needed a key all the while, and of which no place has one. */
  missing: number
}

/**
 * Seals every key file of a purpose for its recipients and nobody else, on every mirror, one by one and each atomically:
 * killed anywhere, every key is in the old form or the new, and the next run does the rest. Audio is not touched.
 *
 * @throws AppError `store.*` if the key store cannot be listed
 */
export async function resealKeys({ keyStore, purpose, progress, ...sealing }: Resealing): Promise<Resealed> {
  // Before the listing: a part that comes later may stand in a folder that was read already.
  const before = await sealing.needed()
  const refs: KeyRef[] = []
  for await (const entry of keyStore.list()) if (entry.purpose === purpose) refs.push(entry)
  const result: Resealed = { resealed: 0, unchanged: 0, failed: [], missing: 0 }
  let done = 0
  for (let at = 0; at < refs.length; at += BATCH) {
    const batch = refs.slice(at, at + BATCH)
    const destroyed = await sealing.destroyed(batch.map(({ part }) => part))
    await inParallel(batch, WIDTH, async ref => {
      if (!destroyed.has(ref.part)) await resealOne(keyStore, ref, sealing, result)
      done++
    })
    progress?.(done, refs.length)
  }
  result.missing = await countMissing(before, refs, sealing)
  return result
}

/** A key that is in none of the places that were looked into may be in another one, and name the old identity there. */
async function countMissing(
  before: ReadonlySet<PartId>,
  refs: readonly KeyRef[],
  { needed }: Pick<Resealing, 'needed'>,
): Promise<number> {
  const listed = new Set(refs.map(({ part }) => part))
  const missing = [...before].filter(part => !listed.has(part))
  if (missing.length === 0) return 0
  // What was destroyed meanwhile needs none any more.
  const still = await needed()
  return missing.filter(part => still.has(part)).length
}

async function resealOne(
  keyStore: KeyStore,
  ref: KeyRef,
  { identities, recipients }: Pick<Resealing, 'identities' | 'recipients'>,
  result: Resealed,
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
  const has = sealedFor(wrapped, part)
  return has.length === recipients.length && recipients.every(({ keyId }) => has.includes(keyId))
}
