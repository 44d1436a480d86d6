import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CONFIRM_MS, type DepsWith, identitiesIn, type JournalledDeps } from '../../accounts/deps.js'
import { requireHearing } from '../../accounts/training.js'
import type { Actor } from '../../core/actor.js'
import { AppError } from '../../core/errors.js'
import { type EventData, event } from '../../core/events.js'
import type { RecordingId } from '../../core/ids.js'
import type { Db } from '../../db/database.js'
import { holdKinds } from '../../journal/read/holds.js'
import { type MutedSpan, type PauseSpan, pausesOf } from '../../journal/read/pauses.js'
import { cryptoReady } from '../../vault/crypto/ready.js'
import type { Identity } from '../../vault/crypto/types.js'
import { openDiskSource } from '../../vault/store/disk-source.js'
import { countParts, withParts } from './find-parts.js'
import { type MissingAudio, missingAudioOf } from './missing-audio.js'
import type { OpeningResult } from './open-recording.js'
import { writeWav } from './write-wav.js'

export type { MutedSpan, PauseSpan } from '../../journal/read/pauses.js'
export type { MissingAudio } from './missing-audio.js'
export type { OpeningResult } from './open-recording.js'

/** An opened recording, with its gaps and pauses by the journal. */
export interface OpenedRecording extends OpeningResult {
  shortfall: MissingAudio
  pauses: PauseSpan[]
  /** Spans in which only the caller's own side was recorded. */
  muted: MutedSpan[]
}

/**
 * Decrypts a recording into a stereo WAV. Checks first that the file can be written and the keys open the recording;
 * journals the listener next; decrypts audio last.
 *
 * @param request.file path of the WAV
 * @throws AppError `key.missing`, `key.refused`, `container.invalid`, `not-found`, `rights.blocked`, `hearing.refused`,
 *   `store.unwritable`, `journal.*`; no file is then left
 */
export function openRecording(
  deps: DepsWith<'db' | 'journal' | 'clock' | 'store' | 'keyStore', 'identities'>,
  actor: Actor,
  { recording, reason, file }: { recording: RecordingId; reason: string; file: string },
): Promise<OpenedRecording> {
  const identities = requireIdentities(deps.config)
  return withParts(deps, recording, async parts => {
    const ready = () => journalListen(deps, actor, { recording, reason, how: 'open' })
    const read = await writeWav(parts, identities, file, ready)
    const shortfall = await missingAudioOf(deps.db, recording, read)
    return { ...read, shortfall, ...(await pausesOf(deps.db, recording)) }
  })
}

/**
 * Journals that a person is about to listen. Audio of a conversation or a kept answer is released only after this
 * resolves. So every listener has acknowledged the rules in force.
 *
 * @throws AppError `hearing.refused`; `not-found`; `rights.blocked` for a blocked recording; `journal.*`
 */
export async function journalListen(
  { db, journal, clock }: JournalledDeps,
  actor: Actor,
  { recording, reason, how }: Omit<EventData['recording.opened'], 'by'>,
): Promise<void> {
  await requireHearing({ db }, actor)
  const row = await db
    .selectFrom('recording')
    .select('call_id')
    .where('id', '=', recording)
    .executeTakeFirst()
  if (!row) throw new AppError('not-found', `No recording has the id ${recording}. See consentry calls.`)
  if ((await holdKinds(db, [recording])).get(recording) === 'block')
    throw new AppError(
      'rights.blocked',
      `Recording ${recording} is blocked. It cannot be played until it is unblocked; see consentry rights unblock.`,
    )
  const listen = { recording, by: actor.name, reason, how }
  await journal.append([event('recording.opened', row.call_id, clock.now(), listen)], CONFIRM_MS)
}

/**
 * Decrypts one container with its key file into a stereo WAV, without database and stores. The journal has no event of
 * it: the files were taken out of its reach.
 *
 * @param request paths of the container, its key file, and the WAV
 * @throws AppError `key.missing`, `key.refused`, `container.invalid`, `not-found`, `store.unwritable`
 */
export async function openContainer(
  { config }: DepsWith<never, 'identities'>,
  { container, keyFile, file }: { container: string; keyFile: string; file: string },
): Promise<OpeningResult> {
  await cryptoReady
  const identities = requireIdentities(config)
  const name = resolve(container)
  const part = { name, source: await openDiskSource(name), wrappedKey: await readKeyFile(keyFile) }
  return writeWav([part], identities, file)
}

/** Counts the parts of a recording in the database. */
export const partsOf = ({ db }: { db: Db }, recording: RecordingId): Promise<number> =>
  countParts(db, recording)

/**
 * Reads the secret keys that open recordings.
 *
 * @throws AppError `key.missing` if none are set
 */
function requireIdentities(config: Parameters<typeof identitiesIn>[0]): Identity[] {
  const identities = identitiesIn(config)
  if (identities) return identities
  throw new AppError(
    'key.missing',
    'Set CONSENTRY_IDENTITY to the file with the secret keys; without it nothing can be opened.',
  )
}

const readKeyFile = (path: string): Promise<Buffer> =>
  readFile(path).catch(({ code }: NodeJS.ErrnoException) => {
    throw new AppError('key.missing', `${path} cannot be read: ${code}`)
  })
