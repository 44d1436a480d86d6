import { AppError } from '../../core/errors.js'
import { text } from '../../core/message.js'
import type { Db } from '../../db/database.js'
import { describeLanguage, languages } from '../../languages/languages.js'
import { type ManifestEntry, readManifest, shippedPromptFolder } from '../../prompts/manifest.js'
import { allVersions, type PromptKey, type PromptVersion } from './find-prompts.js'

/** Lists the shipped prompts that have no version yet in a language with a folder of its own. */
export async function unspokenPrompts(all: readonly PromptVersion[]): Promise<PromptKey[]> {
  const shipped = new Set((await readManifest(shippedPromptFolder())).map(({ name }) => name))
  const known = new Set(all.map(({ name, language }) => `${language}/${name}`))
  return languages().flatMap(language =>
    [...shipped].filter(name => !known.has(`${language}/${name}`)).map(name => ({ name, language })),
  )
}

/**
 * Finds words for the first version of a prompt. They come from its language's folder, else from the prompt `like`,
 * else from that prompt in another language, to be translated.
 *
 * @param like name of that prompt
 * @returns versions, the newest first. Words without a sound are version 0. Empty if there are no words, and `like` is
 *   not given
 * @throws AppError `not-found`
 */
export async function wordsToBegin(
  db: Db,
  { name, language }: PromptKey,
  like: string | undefined,
): Promise<PromptVersion[]> {
  const shipped = await readManifest(shippedPromptFolder())
  for (const wanted of like === undefined || like === name ? [name] : [name, like]) {
    const own = unspoken({ name: wanted, language }, shipped)
    if (own) return [own]
    const found = (await allVersions(db)).filter(version => version.name === wanted)
    const inLanguage = found.filter(version => version.language === language)
    if (inLanguage.length > 0) return inLanguage
    if (wanted === like && found.length > 0) return found
  }
  if (like === undefined) return []
  throw new AppError('not-found', text`There is no prompt ${like} in ${language}. See consentry prompt list.`)
}

/**
 * A translation promises what the shipped prompt of its name promises. The key of a language differs per language and
 * is left out.
 */
function unspoken(
  { name, language }: PromptKey,
  shipped: readonly ManifestEntry[],
): PromptVersion | undefined {
  const template = describeLanguage(language).prompts[name]
  if (template === undefined) return undefined
  const { key: _, ...says } = shipped.find(one => one.name === name)?.says ?? {}
  return {
    ...{ name, language, version: 0, state: 'draft', inForce: false, text: template, template },
    ...{ variables: {}, says },
    ...{ sha256: '', lengthMs: 0, lufs: null, truePeak: null, how: 'shipped', engine: null, voice: null },
    ...{ madeBy: null, madeAt: null, changers: [], publishedBy: null, publishedAt: null },
  }
}
