import { AppError } from '../../core/errors.js'
import { type DraftId, isUuid } from '../../core/ids.js'
import { text } from '../../core/message.js'
import type { Language, LinePolicy } from '../../core/policy.js'
import type { Db } from '../../db/database.js'
import { languages } from '../../languages/languages.js'
import { promptsOf, speaks } from '../../prompts/contradictions.js'
import { renderWords, type Says, type WordValues } from '../../prompts/words/variables.js'
import { type Draft, draftsOf, findDraft, UNFINISHED, unfinishedDrafts } from '../draft-rows.js'
import { shownLine } from '../drafts/shown-line.js'
import { retentionDays } from '../fields/forms.js'
import { findLines, listLines } from '../line-rows.js'
import { newLine } from '../new-line.js'
import { lineSchema } from '../validate.js'
import type { PromptKey } from './find-prompts.js'

/**
 * Finds the values that the variables of a prompt have on a line.
 *
 * @param like the prompt that this one replaces on the line, if the line does not use it yet
 */
export function valuesOfLine(
  line: LinePolicy,
  { name: prompt, language }: PromptKey,
  like?: string,
): WordValues {
  const heard = promptsOf(line)
  const found = heard.find(({ name }) => name === prompt) ?? heard.find(({ name }) => name === like)
  const spokenOf = found?.purposes ?? line.purposes.keys()
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

/** A line whose values a prompt can use: one in force, or a draft. */
export interface LineToSay {
  /** The number of a line in force, or the id of a draft. */
  id: string
  number: string
  /** The line's name. */
  name?: string | undefined
  isDraft: boolean
}

/** Most drafts that are searched. */
const MAX_DRAFTS = 100

/**
 * Finds the lines and drafts whose values a prompt can use: those that use the prompt, one for each different wording.
 * For a prompt without a line, such as a new one, all lines of its language count.
 *
 * @param template words with variables
 * @param like the prompt that this one replaces on the line, if the line does not use it yet
 * @param wanted number or draft that is included in any case, if its callers hear the language; see `lineToSay`
 * @returns the wanted one first, then lines in force, then drafts; the first one is the default
 */
export async function linesToSayFor(
  db: Db,
  key: PromptKey,
  template: string,
  { like, wanted }: { like?: string; wanted?: string | undefined } = {},
): Promise<LineToSay[]> {
  const { name, language } = key
  const all = (await everyLine(db)).filter(({ policy }) => policy.mode !== 'none' && isSaid(policy, language))
  const saying = all.filter(({ policy }) => promptsOf(policy).some(heard => heard.name === name))
  const found = saying.length > 0 ? saying : all
  const asked = wanted === undefined ? undefined : await findLineToSay(db, wanted)
  const first = asked && isSaid(asked.policy, language) ? [asked] : []
  const byWords = new Map<string, LineToSay>()
  for (const { policy, ...line } of [...first, ...found]) {
    const words = wordsOn(policy, { key, like }, template)
    if (!byWords.has(words)) byWords.set(words, line)
  }
  return [...byWords.values()]
}

/** True if callers of a line hear the language and its keys and terms are valid. A draft may have invalid ones. */
const isSaid = (policy: LinePolicy, language: Language): boolean =>
  speaks(policy, language) && hasSayableValues(policy)

const hasSayableValues = ({ keys, purposes }: LinePolicy): boolean =>
  lineSchema.shape.keys.safeParse(keys).success &&
  purposes.every(one => retentionDays.safeParse(one.retentionDays).success)

type KnownLine = LineToSay & { policy: LinePolicy }

const inForce = (policy: LinePolicy): KnownLine => ({
  ...{ id: policy.number, number: policy.number, name: policy.name, isDraft: false },
  policy,
})
const drafted = async (db: Db, draft: Draft): Promise<KnownLine> => {
  const policy = await shownLine(db, draft)
  return { id: draft.id, number: draft.line, name: policy.name, isDraft: true, policy }
}

/** The lines in force by number, then the drafts, the last changed first. */
async function everyLine(db: Db): Promise<KnownLine[]> {
  const lines = (await listLines(db)).map(inForce)
  for (const draft of await unfinishedDrafts(db, MAX_DRAFTS)) lines.push(await drafted(db, draft))
  return lines
}

/**
 * Finds the line whose values a prompt gets.
 *
 * @param wanted the number of a line in force, else the number of a draft (the last changed counts); or the id of a
 *   draft. A published draft stands for its line
 * @throws AppError `not-found`; `request.invalid` for a draft with an invalid key or term
 */
export async function lineToSay(db: Db, wanted: string): Promise<LinePolicy> {
  const found = await findLineToSay(db, wanted)
  if (!found)
    throw new AppError(
      'not-found',
      text`There is no line ${wanted}, and no draft of it. See consentry line list.`,
    )
  if (hasSayableValues(found.policy)) return found.policy
  throw new AppError(
    'request.invalid',
    text`The draft of line ${found.number} has a key or a term that cannot be: mend it first.`,
  )
}

/** Finds a line as `lineToSay` does. @returns undefined if none exists */
export async function findLineToSay(db: Db, wanted: string): Promise<KnownLine | undefined> {
  const draft = isUuid(wanted) ? await findDraft(db, wanted as DraftId) : undefined
  if (draft && UNFINISHED.some(state => state === draft.state)) return drafted(db, draft)
  const number = draft?.line ?? wanted
  const [line] = await findLines(db, [number])
  if (line) return inForce(line)
  const [latest] = await draftsOf(db, number, 1)
  return latest && drafted(db, latest)
}

/** Distinguishes lines by the resulting words, or by their values if words cannot be rendered. */
function wordsOn(
  line: LinePolicy,
  { key, like }: { key: PromptKey; like: string | undefined },
  template: string,
): string {
  const values = valuesOfLine(line, key, like)
  try {
    return renderWords(template, { ...values, company: values.company ?? '–' }, key.language).text
  } catch {
    return JSON.stringify(values)
  }
}

/**
 * Finds default values of variables: those of the first line in force that uses the prompt, else those of the words in
 * force, else those of a new line.
 *
 * @param says the values in the words in force
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

/** Reads the values of the variables from the promises of words. Shipped prompts have no other source. */
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
