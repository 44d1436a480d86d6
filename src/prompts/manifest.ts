import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../shared/errors.js'
import { WRITABLE } from '../shared/texts.js'

const entry = z.object({
  // A name becomes part of a file name and of a path given to the PBX.
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  language: z.enum(['ru', 'en']),
  version: z.int().positive(),
  text: z.string().min(1).regex(WRITABLE),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  lengthMs: z.int().positive(),
})

/** One recorded prompt of a folder; its master is `<language>/<name>.wav`. */
export type ManifestEntry = z.infer<typeof entry>

const manifest = z.object({ prompts: z.array(entry) })

/** SHA-256, hex. */
export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Where the master of a prompt stands. */
export const masterPath = (source: string, { language, name }: Pick<ManifestEntry, 'language' | 'name'>) =>
  join(source, language, `${name}.wav`)

/**
 * Reads the list of the prompts in a folder, `manifest.json`.
 *
 * @throws AppError `prompt.missing` if there is none, `prompt.damaged` with the field's path if it is malformed
 */
export async function readManifest(source: string): Promise<ManifestEntry[]> {
  const path = join(source, 'manifest.json')
  const json = await readFile(path, 'utf8').catch(cause => {
    throw new AppError('prompt.missing', `${path} cannot be read: run render.mjs or restore it`, { cause })
  })
  try {
    return manifest.parse(JSON.parse(json)).prompts
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : 'no JSON'
    throw new AppError('prompt.damaged', `${path} is malformed: ${why}`, { cause })
  }
}

/**
 * Reads the master of a prompt and makes sure that it is the one the manifest names.
 *
 * @throws AppError `prompt.missing`, `prompt.damaged`
 */
export async function readMaster(source: string, prompt: ManifestEntry): Promise<Buffer> {
  const path = masterPath(source, prompt)
  const bytes = await readFile(path).catch(cause => {
    throw new AppError('prompt.missing', `${path} cannot be read: restore it`, { cause })
  })
  if (sha256(bytes) !== prompt.sha256) {
    throw new AppError('prompt.damaged', `${path} is not the recording that manifest.json names: restore it`)
  }
  return bytes
}
