import type { Db } from '../../db/database.js'
import { withParts } from '../../playback/find-parts.js'
import { missingAudioOf } from '../../playback/missing-audio.js'
import { measureWav, type WavMeasure } from '../../playback/stream-wav.js'
import { codeOf } from '../../shared/errors.js'
import type { CallId } from '../../shared/ids.js'
import type { Identity } from '../../vault/crypto/types.js'
import type { KeyStore } from '../../vault/keys/key-store.js'
import type { ObjectStore } from '../../vault/store/store.js'
import type { PersonFound } from '../find.js'

export interface OpenDeps {
  db: Db
  store: ObjectStore
  keyStore: KeyStore
  /** Secret keys at hand; none: nothing can be opened. */
  identities: Identity[]
}

type Found = PersonFound['recordings'][number]

/** A recording that was opened to its end. */
export interface Openable extends WavMeasure {
  recording: Found
  /** Where it stands in the archive. */
  name: string
}

/** A recording that is not in the copy, and why. */
export interface Unopened {
  recording: string
  call: CallId
  why: 'destroyed' | 'still-recorded' | 'no-identity' | 'key-missing' | 'key-refused' | 'damaged'
}

/** Tries each recording to its end, before anything of it is given away. */
export async function openable(deps: OpenDeps, recordings: readonly Found[]) {
  const opened: Openable[] = []
  const unopened: Unopened[] = []
  for (const recording of recordings) {
    const result = await tryOne(deps, recording)
    if (typeof result === 'string')
      unopened.push({ recording: recording.id, call: recording.call, why: result })
    else opened.push({ recording, name: nameOf(recording), ...result })
  }
  return { opened, unopened }
}

async function tryOne(
  { identities, ...stores }: OpenDeps,
  { id, state }: Found,
): Promise<WavMeasure | Unopened['why']> {
  if (state === 'destroyed' || state === 'destroying') return 'destroyed'
  if (state === 'recording') return 'still-recorded'
  if (identities.length === 0) return 'no-identity'
  try {
    const measured = await withParts(stores, id, parts => measureWav(parts, identities))
    const { holes, end } = await missingAudioOf(stores.db, id, measured)
    return { ...measured, complete: holes.length === 0 && end === 'whole' }
  } catch (error) {
    const why = REASONS[codeOf(error) ?? '']
    if (!why) throw error
    return why
  }
}

const REASONS: Record<string, Unopened['why']> = {
  'key.missing': 'key-missing',
  'key.refused': 'key-refused',
  'container.invalid': 'damaged',
  'not-found': 'damaged',
}

const nameOf = ({ id, purpose, startedAt }: Found): string =>
  `recordings/${startedAt.slice(0, 19).replaceAll(':', '-')}-${purpose}-${id}.wav`
