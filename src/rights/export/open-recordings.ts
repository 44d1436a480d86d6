import { codeOf } from '../../core/errors.js'
import type { CallId } from '../../core/ids.js'
import type { Db } from '../../db/database.js'
import { makeReceipt, type ReceiptOptions } from '../../receipts/make-receipt.js'
import { renderDocument } from '../../receipts/receipt.js'
import { vconOf } from '../../receipts/vcon.js'
import { withParts } from '../../recordings/open/find-parts.js'
import { missingAudioOf } from '../../recordings/open/missing-audio.js'
import { measureWav, type WavMeasure } from '../../recordings/open/stream-wav.js'
import type { Identity } from '../../vault/crypto/types.js'
import type { KeyStore } from '../../vault/keys/key-store.js'
import type { Archive } from '../../vault/store/store.js'
import type { PersonFound } from '../collect-person.js'
import type { ArchiveEntry } from './archive.js'

/** What opening recordings works with. */
export interface OpenDeps {
  db: Db
  store: Archive
  keyStore: KeyStore
  /** The available secret keys. Without any, no recording can be opened. */
  identities: Identity[]
}

type PersonRecording = PersonFound['recordings'][number]

/** A recording that was read to its end. */
export interface OpenedRecording extends WavMeasure {
  recording: PersonRecording
  /** Its path in the archive. */
  name: string
}

/** A recording that is not in the copy, with the reason. */
export interface UnopenedRecording {
  recording: string
  call: CallId
  why: 'destroyed' | 'still-recorded' | 'no-identity' | 'key-missing' | 'key-refused' | 'damaged'
}

/** Reads each recording to its end as a test, before the copy is written. */
export async function openRecordings(deps: OpenDeps, recordings: readonly PersonRecording[]) {
  const opened: OpenedRecording[] = []
  const unopened: UnopenedRecording[] = []
  for (const recording of recordings) {
    const result = await measureRecording(deps, recording)
    if (typeof result === 'string')
      unopened.push({ recording: recording.id, call: recording.call, why: result })
    else opened.push({ recording, name: archivePath(recording), ...result })
  }
  return { opened, unopened }
}

async function measureRecording(
  { identities, ...stores }: OpenDeps,
  { id, state }: PersonRecording,
): Promise<WavMeasure | UnopenedRecording['why']> {
  if (state === 'destroyed' || state === 'destroying') return 'destroyed'
  if (state === 'recording') return 'still-recorded'
  if (identities.length === 0) return 'no-identity'
  try {
    const measured = await withParts(stores, id, parts => measureWav(parts, identities))
    const { holes, end } = await missingAudioOf(stores.db, id, measured)
    return { ...measured, complete: holes.length === 0 && end === 'whole' }
  } catch (error) {
    const why = REASON_OF_ERROR[codeOf(error) ?? '']
    if (!why) throw error
    return why
  }
}

const REASON_OF_ERROR: Record<string, UnopenedRecording['why']> = {
  'key.missing': 'key-missing',
  'key.refused': 'key-refused',
  'container.invalid': 'damaged',
  'not-found': 'damaged',
}

const archivePath = ({ id, purpose, startedAt }: PersonRecording): string =>
  `recordings/${startedAt.slice(0, 19).replaceAll(':', '-')}-${purpose}-${id}.wav`

/**
 * Makes the consent receipt of each call, as a receipt and as a vCon, for the archive.
 *
 * @returns the entries, and the calls without a receipt: they are undecided, or not in the transparency log yet
 */
export async function receiptEntries(
  db: Db,
  calls: readonly CallId[],
  options: ReceiptOptions,
  at: Date,
): Promise<{ entries: ArchiveEntry[]; callsWithoutReceipt: CallId[] }> {
  const entries: ArchiveEntry[] = []
  const callsWithoutReceipt: CallId[] = []
  for (const call of calls) {
    try {
      const receipt = await makeReceipt(db, call, options)
      entries.push(
        { name: `receipts/${call}.json`, at, content: renderDocument(receipt) },
        {
          name: `receipts/${call}.vcon.json`,
          at,
          content: renderDocument(vconOf(receipt, at.toISOString())),
        },
      )
    } catch (error) {
      if (codeOf(error) !== 'not-found') throw error
      callsWithoutReceipt.push(call)
    }
  }
  return { entries, callsWithoutReceipt }
}
