import { utimes } from 'node:fs/promises'
import type { PartId, RecordingId } from '../../../src/core/ids.js'
import type { KeyRef } from '../../../src/vault/keys/key-store.js'
import { type ArchiveSetup, sealCall } from '../processes/archive-setup.js'

/** One recording with all its files. */
export interface StoredRecording {
  recording: RecordingId
  part: PartId
  object: string
  /** Path of its container. */
  path: string
  key: KeyRef
  /** Path of its key file on each mirror. */
  keyPaths: string[]
}

/** Stores a sealed recording of a granted call. @param at ms since the epoch */
export async function storeRecording(
  home: ArchiveSetup,
  at = Date.now() - 60_000,
  purpose = 'service',
): Promise<StoredRecording> {
  const { db, store, keyStore } = home.deps
  const { recordings } = await sealCall(home, '+79001234567', { answers: { [purpose]: 'granted' }, at })
  const recording = recordings[purpose]!
  const row = await db
    .selectFrom('part')
    .where('recording_id', '=', recording)
    .selectAll()
    .executeTakeFirstOrThrow()
  const key = (await keyStore.find(row.id))!
  const [path, keyPaths] = [store.locate(row.object), keyStore.locate(key)]
  return { recording, part: row.id, object: row.object, path, key, keyPaths }
}

/** Makes files look three days old. */
export const makeFilesOld = async (...paths: string[]) => {
  const longAgo = (Date.now() - 3 * 86_400_000) / 1_000
  for (const path of paths) await utimes(path, longAgo, longAgo)
}
