import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../core/errors.js'
import { WRITABLE_TEXT } from '../core/texts.js'
import { languageSchema } from '../languages/languages.js'
import { projectRoot } from '../lib/process/project.js'

const writable = z.string().regex(WRITABLE_TEXT)

/**
 * What the words of a prompt promise about the line: how it records, its keys, the key of the prompt's language, its
 * term or the terms of single purposes, the effect of a withdrawal, which answer is confirmed, and that a no changes
 * nothing else. A line with other settings must not use the prompt.
 */
export const says = z.strictObject({
  mode: z.enum(['key', 'voice-or-key', 'notice']).exactOptional(),
  yes: writable.exactOptional(),
  no: writable.exactOptional(),
  withdraw: writable.exactOptional(),
  key: writable.exactOptional(),
  retentionDays: z.int().positive().exactOptional(),
  terms: z.record(writable, z.int().positive()).exactOptional(),
  onWithdraw: z.enum(['destroy', 'keep']).exactOptional(),
  onRefused: z.literal('served').exactOptional(),
  answer: z.enum(['granted', 'refused']).exactOptional(),
})

/** The name of a prompt. It becomes part of a file name and of a path for the PBX. */
export const promptName = z
  .string()
  .max(60)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'give lower-case words with hyphens between them')

const entry = z.strictObject({
  name: promptName,
  language: languageSchema,
  version: z.int().positive(),
  text: writable.min(1),
  // The words with their variables, to synthesize them again for another company, key or term.
  template: writable.min(1).exactOptional(),
  says: says.exactOptional(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  lengthMs: z.int().positive(),
})

/** One prompt of a folder. Its master is `<language>/<name>.wav`. */
export type ManifestEntry = z.infer<typeof entry>

const manifest = z.strictObject({
  prompts: z.array(entry).check(({ value, issues }) => {
    const keys = value.map(({ language, name }) => `${language}/${name}`)
    const twice = keys.find((key, i) => keys.indexOf(key) !== i)
    if (twice) issues.push({ code: 'custom', input: value, message: `${twice} stands twice` })
  }),
})

/** SHA-256, hex. */
export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** The folder of the prompts that come with Consentry. */
export const shippedPromptFolder = (): string => join(projectRoot(), 'prompts')

/** Path of a prompt's master. @param source the folder of the manifest */
export const masterPath = (source: string, { language, name }: Pick<ManifestEntry, 'language' | 'name'>) =>
  join(source, language, `${name}.wav`)

/** Checks the content of a manifest. @throws ZodError that names the field */
export const parseManifest = (content: unknown): ManifestEntry[] => manifest.parse(content).prompts

/**
 * Reads a folder's `manifest.json`, the list of its prompts.
 *
 * @throws AppError `prompt.missing` if there is no manifest; `prompt.damaged`, with the field's path, if it is malformed
 */
export async function readManifest(source: string): Promise<ManifestEntry[]> {
  const path = join(source, 'manifest.json')
  const json = await readFile(path, 'utf8').catch(cause => {
    throw new AppError('prompt.missing', `${path} cannot be read: restore it, or run render.mjs`, { cause })
  })
  try {
    return parseManifest(JSON.parse(json))
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : 'it is not JSON'
    throw new AppError('prompt.damaged', `${path} is malformed: ${why}`, { cause })
  }
}

/**
 * Reads the master of a prompt and checks its hash against the manifest.
 *
 * @throws AppError `prompt.missing`, `prompt.damaged`
 */
export async function readMaster(source: string, prompt: ManifestEntry): Promise<Buffer> {
  const path = masterPath(source, prompt)
  const bytes = await readFile(path).catch(cause => {
    throw new AppError('prompt.missing', `${path} cannot be read: restore it`, { cause })
  })
  if (sha256(bytes) !== prompt.sha256) {
    throw new AppError('prompt.damaged', `${path} does not have the hash in manifest.json: restore it`)
  }
  return bytes
}
