import { readManifest, shippedPromptFolder } from '../../prompts/manifest.js'
import type { Language } from '../../shared/policy.js'

/** What a prompt says, and how long it takes. */
export interface SpokenWords {
  text: string
  /** Length, ms. */
  lengthMs: number
}

/** The prompts of a language, by name. @throws AppError `prompt.missing`, `prompt.damaged` */
export async function spokenWords(language: Language): Promise<ReadonlyMap<string, SpokenWords>> {
  const prompts = await readManifest(shippedPromptFolder())
  return new Map(
    prompts
      .filter(prompt => prompt.language === language)
      .map(({ name, text, lengthMs }) => [name, { text, lengthMs }]),
  )
}
