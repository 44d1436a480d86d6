import type { Db } from '../db/database.js'
import { type ManifestEntry, readManifest, shippedPromptFolder } from './manifest.js'
import { publishedPrompts } from './stored-prompts.js'

/**
 * The prompts that calls hear: the published ones, and the shipped ones that none of them replaces.
 *
 * @throws AppError as `readManifest`
 */
export async function promptsInForce(db: Db): Promise<ManifestEntry[]> {
  return withPublished(await readManifest(shippedPromptFolder()), await publishedPrompts(db))
}

/** Puts published prompts over others of the same name and language. */
export function withPublished(
  known: readonly ManifestEntry[],
  published: readonly ManifestEntry[],
): ManifestEntry[] {
  const isReplaced = ({ name, language }: ManifestEntry) =>
    published.some(one => one.name === name && one.language === language)
  return [...known.filter(prompt => !isReplaced(prompt)), ...published]
}
