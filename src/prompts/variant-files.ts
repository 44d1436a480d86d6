import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../core/errors.js'
import { CheckedFile } from './checked-file.js'
import type { Convert } from './convert.js'
import { type ManifestEntry, sha256 } from './manifest.js'
import { RECIPE_VERSION, throwUnwritable, VARIANTS, WORK_PREFIX } from './prompt-folder.js'

/** The PBX may read prompts, but not change them. */
const FILE_MODE = 0o444
/** How much longer than its master a variant may be, ms: silence fills the last frame. */
const FRAME_MS = 20

const hashList = z.object({
  recipe: z.literal(RECIPE_VERSION),
  files: z.record(z.string(), z.object({ bytes: z.int().positive(), sha256: z.string() })),
})
type HashList = z.infer<typeof hashList>

/** Path of a prompt's files without extension. A new master has a new path, so that running calls keep their files. */
export const mediaPath = (dir: string, { language, name, sha256 }: ManifestEntry) =>
  join(dir, language, `${name}-${sha256.slice(0, 12)}`)

/**
 * Finds the variants of a prompt on disk and checks each against the hash list beside them.
 *
 * @param media path without extension
 * @returns undefined if one is missing or damaged
 */
export async function findVariants(media: string): Promise<CheckedFile[] | undefined> {
  try {
    const { files } = hashList.parse(JSON.parse(await readFile(`${media}.json`, 'utf8')))
    return await checkAll(media, files)
  } catch {
    // All faults have the same remedy: to convert again.
    return undefined
  }
}

/**
 * Converts a prompt's master to each variant. Complete files are moved to their names, the hash list last, so that neither a
 * crash nor another process at the same time does harm.
 *
 * @param wav the master
 * @param media path without extension
 * @throws AppError `tool.failed`, `store.unwritable`
 */
export async function makeVariants(
  wav: Buffer,
  prompt: ManifestEntry,
  media: string,
  convert: Convert,
): Promise<CheckedFile[]> {
  const work = await mkdtemp(join(dirname(media), WORK_PREFIX)).catch(throwUnwritable(media))
  try {
    await convert(wav, work, prompt.name)
    const files: HashList['files'] = {}
    for (const { extension, bytesPerMs, leadMs } of VARIANTS) {
      const path = join(work, `${prompt.name}.${extension}`)
      const bytes = await readFile(path)
      if (Math.abs(bytes.length / bytesPerMs - leadMs - prompt.lengthMs) > FRAME_MS) {
        throw new AppError(
          'tool.failed',
          `ffmpeg wrote ${bytes.length} bytes to ${prompt.name}.${extension}, which is not the length of the master: check its version`,
        )
      }
      files[extension] = { bytes: bytes.length, sha256: sha256(bytes) }
      await chmod(path, FILE_MODE)
      await rename(path, `${media}.${extension}`).catch(throwUnwritable(media))
    }
    const list = join(work, randomUUID())
    const content = JSON.stringify({ recipe: RECIPE_VERSION, files } satisfies HashList)
    await writeFile(list, content).catch(throwUnwritable(media))
    await rename(list, `${media}.json`).catch(throwUnwritable(media))
    return await checkAll(media, files)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function checkAll(media: string, files: HashList['files']): Promise<CheckedFile[]> {
  const checked = VARIANTS.map(({ extension }) => {
    const content = files[extension]
    if (!content) throw new AppError('prompt.missing', `${media}.${extension} is not in the hash list`)
    return new CheckedFile(`${media}.${extension}`, content)
  })
  await Promise.all(checked.map(file => file.check()))
  return checked
}
