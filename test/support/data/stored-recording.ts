import { utimes } from 'node:fs/promises'
import type { PartId, RecordingId } from '../../../src/shared/ids.js'
import type { KeyRef } from '../../../src/vault/keys/key-store.js'
import { type House, placeCall } from '../processes/archive-setup.js'

/** One recording with everything that it consists of. */
export interface Whole {
  recording: RecordingId
  part: PartId
  object: string
  /** Of its container. */
  path: string
  key: KeyRef
  /** Of its key, one a mirror. */
  keyPaths: string[]
}

/** A sealed recording of a call that said yes. @param at ms since the epoch */
export async function wholeRecording(
  home: House,
  at = Date.now() - 60_000,
  purpose = 'service',
): Promise<Whole> {
  const { db, store, keyStore } = home.deps
  const { recordings } = await placeCall(home, '+79001234567', { answers: { [purpose]: 'granted' }, at })
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
export const old = async (...paths: string[]) => {
  const longAgo = (Date.now() - 3 * 86_400_000) / 1_000
  for (const path of paths) await utimes(path, longAgo, longAgo)
}
