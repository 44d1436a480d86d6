import type { DepsWith } from '../../accounts/deps.js'
import { AppError } from '../../core/errors.js'
import { text } from '../../core/message.js'
import { encodeWav } from '../../lib/audio-formats/wav.js'
import { telephoneSound } from '../../prompts/intake/telephone.js'
import { readManifest, readMaster, shippedPromptFolder } from '../../prompts/manifest.js'
import { readStoredMaster } from '../../prompts/stored-prompts.js'
import { promptVersions } from './find-prompts.js'

/** The quality: as made, or as over a telephone. */
export const QUALITIES = ['full', 'telephone'] as const
export type Quality = (typeof QUALITIES)[number]

/**
 * The sound of a version.
 *
 * @param request `version`: the one in force by default, else the newest
 * @returns a WAV: at 16 kHz, or at 8 kHz with the band and the coding of a telephone (300 to 3400 Hz, A-law of ITU-T G.711)
 * @throws AppError `not-found`, `prompt.missing`, `prompt.damaged`, `tool.*`
 */
export async function hearPrompt(
  { db, config }: DepsWith<'db', 'ffmpeg'>,
  request: { name: string; language: string; version?: number; quality: Quality },
): Promise<Buffer> {
  const versions = await promptVersions({ db }, request)
  const { version } = request
  const found =
    version === undefined
      ? (versions.find(({ inForce }) => inForce) ?? versions[0])
      : versions.find(one => one.version === version)
  if (!found) throw new AppError('not-found', text`Prompt ${request.name} has no version ${version ?? 0}.`)
  const wav =
    found.how === 'shipped' ? await shippedMaster(found.sha256) : await readStoredMaster(db, found.sha256)
  if (request.quality === 'full') return wav
  return encodeWav(await telephoneSound(config.ffmpeg, wav))
}

async function shippedMaster(hash: string): Promise<Buffer> {
  const folder = shippedPromptFolder()
  return readMaster(folder, (await readManifest(folder)).find(({ sha256 }) => sha256 === hash)!)
}
