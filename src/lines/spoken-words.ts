import type { Language } from '../core/policy.js'
import type { Db } from '../db/database.js'
import { promptsInForce } from '../prompts/prompts-in-force.js'

export { promptsForField, roleOf } from '../prompts/roles.js'

/** The words and the length of a prompt. */
export interface SpokenWords {
  language: Language
  text: string
  /** Length, ms. */
  lengthMs: number
  /** The same prompt in the other languages, for lines that offer a choice. */
  others: Partial<Record<Language, { text: string; lengthMs: number }>>
}

/** The prompts in force of a language, by name. @throws AppError `prompt.missing`, `prompt.damaged` */
export async function spokenWords(
  { db }: { db: Db },
  language: Language,
): Promise<ReadonlyMap<string, SpokenWords>> {
  const prompts = await promptsInForce(db)
  const othersOf = (wanted: string) =>
    Object.fromEntries(
      prompts
        .filter(prompt => prompt.name === wanted && prompt.language !== language)
        .map(({ language: other, text, lengthMs }) => [other, { text, lengthMs }]),
    )
  return new Map(
    prompts
      .filter(prompt => prompt.language === language)
      .map(({ name, text, lengthMs }) => [name, { language, text, lengthMs, others: othersOf(name) }]),
  )
}
