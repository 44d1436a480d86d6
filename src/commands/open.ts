import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Config, readConfig } from '../config/config.js'
import { AppError } from '../core/errors.js'
import { isUuid, type RecordingId } from '../core/ids.js'
import { openContainer, openRecording, partsOf } from '../recordings/open/open-and-journal.js'
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
    const out = text(request, 'out') ?? `${basename(what).replace(/\.ctry$/, '')}.wav`
    return key ? openPart(request, what, key, out) : openWhole(request, what as RecordingId, out)
  },
}

/** Explains why a word that is not a recording's id cannot be opened without a key. */
async function refuseName(what: string): Promise<never> {
  if (await stat(what).catch(() => undefined))
    throw new UsageError('a container file needs its key file: --key KEYFILE')
  throw new AppError(
    'not-found',
    `There is neither a recording nor a file "${what}". See the ids of all recordings: consentry calls.`,
  )
}

async function openWhole(request: Request, recording: RecordingId, file: string): Promise<number> {
  const by = actor(request)
  const reason = text(request, 'reason') ?? ''
  const opened = await withProject(project =>
    openRecording(project, by, { recording, reason, file }).catch((error: unknown) => {
      throw withNextStep(error, recording)
    }),
  )
  printWritten(request, file, { document: openedJson(file, opened), words: openedText(file, opened) })
  return isWhole(opened) ? 0 : 1
}

async function openPart(request: Request, container: string, keyFile: string, file: string): Promise<number> {
  const config = readConfig(process.env, 'tool')
  const read = await openContainer({ config }, { container, keyFile, file }).catch((error: unknown) => {
    throw withNextStep(error)
  })
  const opened = { ...read, of: await knownParts(config, read.parts[0]!.recording) }
  printWritten(request, file, { document: openedPartJson(file, opened), words: openedPartText(file, opened) })
  return isWholePart(opened) ? 0 : 1
}

/** How many parts a recording has, if a database is set and answers. A container opens without one. */
async function knownParts({ database }: Config, recording: RecordingId): Promise<number | undefined> {
  if (!database.url) return undefined
  const known = await withProject(project => partsOf(project, recording)).catch(() => 0)
  return known || undefined
}
