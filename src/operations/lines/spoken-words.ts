import type { Db } from '../../db/database.js'
import { promptsInForce } from '../../prompts/prompts-in-force.js'
import type { Language } from '../../shared/policy.js'

/** What a prompt says, and how long it takes. */
export interface SpokenWords {
  text: string
  /** Length, ms. */
  lengthMs: number
}

/** The prompts in force of a language, by name. @throws AppError `prompt.missing`, `prompt.damaged` */
export async function spokenWords(
  { db }: { db: Db },
  language: Language,
): Promise<ReadonlyMap<string, SpokenWords>> {
  const prompts = await promptsInForce(db)
  return new Map(
    prompts
      .filter(prompt => prompt.language === language)
      .map(({ name, text, lengthMs }) => [name, { text, lengthMs }]),
  )
}
