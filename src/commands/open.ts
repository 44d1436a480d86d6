import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { readConfig } from '../config/config.js'
import { type PauseSpan, pausesOf } from '../journal/pauses.js'
import { withParts } from '../recording/find-parts.js'
import { type PartToOpen, writeWav } from '../recording/open-recording.js'
import { journalListen } from '../rights/listens.js'
import { systemClock } from '../shared/clock.js'
import { AppError } from '../shared/errors.js'
import { isUuid, type RecordingId } from '../shared/ids.js'
import { parseIdentities } from '../vault/crypto/keygen.js'
import { cryptoReady } from '../vault/crypto/ready.js'
import { openDiskSource } from '../vault/store/disk-source.js'
import { actor, byOption } from './actor.js'
import { type Command, oneWord, printJson, type Request, text, UsageError } from './command.js'
import { withProject } from './with-project.js'

export const command: Command = {
  words: 'RECORDING [--reason TEXT] [--by NAME] | CONTAINER --key KEYFILE  [-o FILE.wav]',
  does: 'Decrypts a recording into a stereo WAV: the caller on the left, the agent on the right. Who listens, and why, is journalled first.',
  options: {
    out: { type: 'string', short: 'o' },
    key: { type: 'string' },
    reason: { type: 'string' },
    ...byOption,
  },
  async run(request) {
    const what = oneWord(request, 'recording')
    const out = resolve(text(request, 'out') ?? `${basename(what).replace(/\.ctry$/, '')}.wav`)
    const identities = await readIdentities()
    const open = (parts: PartToOpen[]) => writeWav(parts, identities, out)
    const key = text(request, 'key')
    if (!key && !isUuid(what)) throw new UsageError('a container file needs its key file: --key KEYFILE')
    const result = key
      ? await open([await loose(what, key)])
      : await withProject(project =>
          withParts(project, what, async parts => {
            const opened = {
              recording: what as RecordingId,
              by: actor(request),
              reason: text(request, 'reason') ?? '',
            }
            await journalListen({ ...project, clock: systemClock }, { ...opened, how: 'open' })
            const pauses = await pausesOf(project.db, opened.recording)
            return { ...(await open(parts)), pauses }
          }),
        )
    report(request, out, result)
    return result.complete ? 0 : 1
  },
}

async function readIdentities() {
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
  return { source: await openDiskSource(resolve(container)), wrappedKey: await readKeyFile(key) }
}

const readKeyFile = (path: string): Promise<Buffer> =>
  readFile(path).catch(({ code }: NodeJS.ErrnoException) => {
    throw new AppError('key.missing', `${path} cannot be read: ${code}`)
  })

function report(
  { json }: Request,
  file: string,
  { seconds, complete, pauses = [] }: { seconds: number; complete: boolean; pauses?: PauseSpan[] },
): void {
  if (json) printJson({ file, seconds, complete, pauses })
  else {
    process.stdout.write(
      `${file}: ${seconds.toFixed(2)} s${complete ? '' : '; it ends early: the recording was cut'}\n`,
    )
    for (const { by, from, to } of pauses)
      process.stdout.write(`silent ${from.toFixed(1)}-${(to ?? seconds).toFixed(1)} s: paused by ${by}\n`)
  }
}
