/*
 * The languages that callers hear, each from a folder with a `language.json`: the shipped ones, and those below
 * CONSENTRY_LANGUAGES. The console has two languages, which are in the code (`WrittenLanguage`).
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../core/errors.js'
import { issueText, text } from '../core/message.js'
import type { Language } from '../core/policy.js'
import { WRITABLE_TEXT } from '../core/texts.js'
import { projectRoot } from '../lib/process/project.js'

const word = z.string().trim().min(1).max(60).regex(WRITABLE_TEXT)
const words = z.array(word).max(100)
const KEYS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#'] as const

/** The content of a folder's `language.json`: a language that callers hear. */
const description = z.strictObject({
  /** Its place in lists, from 1. Languages without a place come last, by their tags. */
  order: z.int().positive().exactOptional(),
  /** The spoken names of the keys. */
  keys: z.record(z.enum(KEYS), word),
  /** Further words that name a key, such as other cases, for the search for keys that are written out. */
  otherKeyWords: words.default([]),
  /** Words after which a key is named, such as `press`, and words that may stand between, such as `the`. */
  press: words,
  beforeKey: words.default([]),
  /** The noun of a term, by its plural category (Unicode CLDR). */
  days: z.partialRecord(z.enum(['zero', 'one', 'two', 'few', 'many']), word).and(z.object({ other: word })),
  /** Words with which a prompt asks its callers to speak. */
  speak: words,
  /** The legal basis with which a new line begins. */
  legalBasis: z.string().trim().min(1).max(1_000).regex(WRITABLE_TEXT),
  /** Its voices, the best first, by engine. A star at the end stands for any ending. */
  voices: z.record(z.string(), z.array(z.string().regex(/^[\w-]*\*?$/)).max(100)).default({}),
  /**
   * The words of prompts without a sound yet, with their variables, by the names of the shipped prompts of the same
   * meaning.
   */
  prompts: z
    .record(z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/), z.string().min(1).max(1_500).regex(WRITABLE_TEXT))
    .default({}),
})

export type Description = z.infer<typeof description>

/** A tag of a language: BCP 47 with a language and at most one further part, in lower case, such as `de` or `pt-br`. */
const TAG = /^[a-z]{2,3}(-[a-z0-9]{2,4})?$/

let known: ReadonlyMap<Language, Description> | undefined

/**
 * Sets the languages of this process: the shipped ones, and those of a folder. A folder's language replaces a shipped
 * one of the same tag.
 *
 * @param folder of CONSENTRY_LANGUAGES, with a folder for each language. Undefined: only the shipped languages
 * @throws AppError `config.invalid` for a folder that cannot be read, and for a description that is malformed, with its
 *   path
 */
export function useLanguages(folder: string | undefined): void {
  const found = new Map(readFolder(join(projectRoot(), 'prompts')))
  for (const [tag, one] of folder === undefined ? [] : readFolder(folder)) found.set(tag, one)
  const place = ([tag, { order = Number.MAX_SAFE_INTEGER }]: [string, Description]) => ({ order, tag })
  known = new Map(
    [...found].sort(
      (a, b) => place(a).order - place(b).order || place(a).tag.localeCompare(place(b).tag, 'en'),
    ),
  )
}

const all = (): ReadonlyMap<Language, Description> => {
  if (!known) useLanguages(undefined)
  return known!
}

/** The tags of all languages, in the order in which lists show them. */
export const languages = (): Language[] => [...all().keys()]

export const isLanguage = (text: string): text is Language => all().has(text)

/**
 * The description of a language.
 * @throws AppError `config.invalid` if its folder is gone, although lines or prompts use it
 */
export function describeLanguage(language: Language): Description {
  const found = all().get(language)
  if (found) return found
  throw new AppError(
    'config.invalid',
    `The language "${language}" has no folder with a language.json any more: put it back below the folder of CONSENTRY_LANGUAGES.`,
  )
}

/** The languages as a sentence names them: `ru, en or de`. */
export const languageList = (): string => {
  const tags = languages()
  return `${tags.slice(0, -1).join(', ')} or ${tags.at(-1)}`
}

/** A language that callers can hear. */
export const languageSchema = z
  .string()
  .max(8)
  .refine(isLanguage, {
    error: issue => issueText(text`must be a language with a folder of its own: ${languageList()}`)(issue),
  })

function readFolder(folder: string): [Language, Description][] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(entry => !entry.isFile() && existsSync(join(folder, entry.name, 'language.json')))
      .map(({ name }) => [name, readDescription(name, join(folder, name, 'language.json'))])
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('config.invalid', `CONSENTRY_LANGUAGES: ${folder} cannot be read`, { cause })
  }
}

function readDescription(tag: string, path: string): Description {
  if (!TAG.test(tag))
    throw new AppError(
      'config.invalid',
      `${path}: its folder must be named by a tag of a language, such as de`,
    )
  try {
    return description.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : 'it is no JSON'
    throw new AppError('config.invalid', `${path} is malformed: ${why}`, { cause })
  }
}
