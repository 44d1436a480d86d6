import { readFile, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { readConfig } from '../config/config.js'
import { pausesOf } from '../journal/read/pauses.js'
import { countParts, withParts } from '../playback/find-parts.js'
import { missingAudioOf } from '../playback/missing-audio.js'
import type { PartToOpen } from '../playback/open-recording.js'
import { writeWav } from '../playback/write-wav.js'
import { journalListen } from '../rights/listens.js'
import { systemClock } from '../shared/clock.js'
import { AppError } from '../shared/errors.js'
import { isUuid, type RecordingId } from '../shared/ids.js'
import { parseIdentities } from '../vault/crypto/keygen.js'
import { cryptoReady } from '../vault/crypto/ready.js'
import type { Identity } from '../vault/crypto/types.js'
import { openDiskSource } from '../vault/store/disk-source.js'
import { actor, byOption } from './actor.js'
import { type Command, oneWord, printWritten, type Request, text, UsageError } from './command.js'
import {
  isWhole,
  isWholePart,
  openedJson,
  openedPartJson,
  openedPartText,
  openedText,
  withNextStep,
} from './open-report.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Decrypts a recording into a stereo WAV',
  details: 'The caller is on the left, the agent on the right. Who listens, and why, is journalled first.',
  usage: ['RECORDING [-o FILE.wav] [--reason TEXT] [--by NAME]', 'CONTAINER --key KEYFILE [-o FILE.wav]'],
  example: 'open 907d8508-2572-43a8-98f1-cb79adc550a7 -o call.wav --reason "complaint 17"',
  options: {
    out: { type: 'string', short: 'o' },
    key: { type: 'string' },
    reason: { type: 'string' },
    ...byOption,
  },
  async run(request) {
    const what = oneWord(request, 'recording')
    const key = text(request, 'key')
    if (!key && !isUuid(what)) await refuseName(what)
    const out = resolve(text(request, 'out') ?? `${basename(what).replace(/\.ctry$/, '')}.wav`)
    const identities = await readIdentities()
    return key
      ? openPart(request, await loose(what, key), identities, out)
      : openRecording(request, what as RecordingId, identities, out)
  },
}

/** What is no recording's id, and was given without a key. */
async function refuseName(what: string): Promise<never> {
  if (await stat(what).catch(() => undefined))
    throw new UsageError('a container file needs its key file: --key KEYFILE')
  throw new AppError(
    'not-found',
    `There is neither a recording nor a file "${what}". See the ids of all recordings: consentry calls.`,
  )
}

async function openRecording(request: Request, recording: RecordingId, identities: Identity[], out: string) {
  const opened = await fromStores(request, recording, identities, out)
  printWritten(request, out, { document: openedJson(out, opened), words: openedText(out, opened) })
  return isWhole(opened) ? 0 : 1
}

async function openPart(request: Request, part: PartToOpen, identities: Identity[], out: string) {
  const read = await writeWav([part], identities, out).catch((error: unknown) => {
    throw withNextStep(error)
  })
  const opened = { ...read, of: await partsKnown(read.parts[0]!.recording) }
  printWritten(request, out, { document: openedPartJson(out, opened), words: openedPartText(out, opened) })
  return isWholePart(opened) ? 0 : 1
}

/** How many parts a recording has, where a database is set and tells: a container opens without any. */
async function partsKnown(recording: RecordingId): Promise<number | undefined> {
  if (!readConfig(process.env, 'tool').database.url) return undefined
  const known = await withProject(({ db }) => countParts(db, recording)).catch(() => 0)
  return known || undefined
}

/** Who listens is in the journal before anything is decrypted, and only once the file can be written. */
function fromStores(request: Request, recording: RecordingId, identities: Identity[], out: string) {
  const reason = text(request, 'reason') ?? ''
  const listen = { recording, by: actor(request).name, reason, how: 'open' } as const
  return withProject(project =>
    withParts(project, recording, async parts => {
      const ready = () => journalListen({ ...project, clock: systemClock }, listen)
      const read = await writeWav(parts, identities, out, ready).catch((error: unknown) => {
        throw withNextStep(error, recording)
      })
      const shortfall = await missingAudioOf(project.db, recording, read)
      return { ...read, shortfall, pauses: await pausesOf(project.db, recording) }
    }),
  )
}

async function readIdentities(): Promise<Identity[]> {
  const { identities } = readConfig(process.env, 'tool')
  if (!identities)
    throw new AppError(
      'key.missing',
      'Set CONSENTRY_IDENTITY to the file with the secret keys; without it nothing can be opened.',
    )
  await cryptoReady
  return parseIdentities(identities.reveal())
}

/** A container and its key file that were taken out of their stores. */
async function loose(container: string, key: string): Promise<PartToOpen> {
  const name = resolve(container)
  return { name, source: await openDiskSource(name), wrappedKey: await readKeyFile(key) }
}

const readKeyFile = (path: string): Promise<Buffer> =>
  readFile(path).catch(({ code }: NodeJS.ErrnoException) => {
    throw new AppError('key.missing', `${path} cannot be read: ${code}`)
  })
