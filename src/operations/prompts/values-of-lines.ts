import type { Db } from '../../db/database.js'
import { languages } from '../../languages/languages.js'
import { listLines } from '../../policy/line-rows.js'
import { lineSchema } from '../../policy/validate.js'
import { promptsOf, speaks } from '../../prompts/contradictions.js'
import { renderWords, type Says, type WordValues } from '../../prompts/words/variables.js'
import type { Language, LinePolicy } from '../../shared/policy.js'
import { newLine } from '../lines/new-line.js'
import type { PromptKey } from './find-prompts.js'

/** The values that the variables of a prompt have on a line. */
export function valuesOfLine(line: LinePolicy, { name: prompt, language }: PromptKey): WordValues {
  const spokenOf = promptsOf(line).find(({ name }) => name === prompt)?.purposes ?? line.purposes.keys()
  const purposes = [...spokenOf].map(i => line.purposes[i]!)
  const [days, ...others] = [...new Set(purposes.map(({ retentionDays }) => retentionDays))]
  const { yes, no, withdraw } = line.keys
  const key = line.languages?.find(one => one.language === language)?.key
  return {
    ...(line.company !== undefined && { company: line.company }),
    ...{ yes, no, withdraw },
    ...(key !== undefined && { key }),
    terms: Object.fromEntries(line.purposes.map(({ purpose, retentionDays }) => [purpose, retentionDays])),
    ...(days !== undefined && others.length === 0 && { days }),
  }
}

/** The lines in force whose callers hear a prompt in its language, by number. */
export const linesThatSay = async (db: Db, { name, language }: PromptKey): Promise<LinePolicy[]> =>
  (await listLines(db)).filter(
    line => speaks(line, language) && promptsOf(line).some(heard => heard.name === name),
  )

/**
 * Finds the lines as which a prompt can be said: those in force that use it, one for each way in which its words come out. A prompt
 * that has no version yet can be said as any line of its language.
 *
 * @param template words with variables
 * @returns numbers of lines; the first one is the usual one
 */
export async function linesToSayFor(
  db: Db,
  key: PromptKey,
  template: string,
  isNew = false,
): Promise<string[]> {
  const byWords = new Map<string, string>()
  const lines = isNew
    ? (await listLines(db)).filter(line => line.mode !== 'none' && speaks(line, key.language))
    : await linesThatSay(db, key)
  for (const line of lines) {
    const words = wordsOn(line, key, template)
    if (!byWords.has(words)) byWords.set(words, line.number)
  }
  return [...byWords.values()]
}

/** What tells two lines apart: the words that come out, or the values if some lack. */
function wordsOn(line: LinePolicy, key: PromptKey, template: string): string {
  const values = valuesOfLine(line, key)
  try {
    return renderWords(template, { ...values, company: values.company ?? '–' }, key.language).text
  } catch {
    return JSON.stringify(values)
  }
}

/**
 * The values of variables that nobody names: those of the first line in force that uses the prompt, else what the words in force say, else
 * those of a new line.
 *
 * @param says what the words in force say
 */
export async function usualValues(db: Db, key: PromptKey, says: Says): Promise<WordValues> {
  const [line] = await linesThatSay(db, key)
  return line ? valuesOfLine(line, key) : { ...valuesOfNewLine(key.language), ...valuesSaid(says) }
}

function valuesOfNewLine(language: Language): WordValues {
  const { yes, no, withdraw } = lineSchema.shape.keys.parse({})
  const purposes = newLine('', language).purposes ?? []
  const days = purposes[0]?.retentionDays
  return {
    ...{ yes, no, withdraw },
    key: String(languages().indexOf(language) + 1),
    ...(days !== undefined && { days }),
    terms: Object.fromEntries(purposes.map(({ purpose, retentionDays }) => [purpose, retentionDays])),
  }
}

/** The values of the variables, by what the words say. Shipped prompts have no others. */
export function valuesSaid({ yes, no, withdraw, key, retentionDays, terms }: Says): WordValues {
  return {
    ...(yes && { yes }),
    ...(no && { no }),
    ...(withdraw && { withdraw }),
    ...(key && { key }),
    ...(retentionDays && { days: retentionDays }),
    ...(terms && { terms }),
  }
}
