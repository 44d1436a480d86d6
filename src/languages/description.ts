import { z } from 'zod'
import { WRITABLE_TEXT } from '../core/texts.js'

const word = z.string().trim().min(1).max(60).regex(WRITABLE_TEXT)
const words = z.array(word).max(100)
const KEYS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#'] as const

/** The content of a folder's `language.json`: a language that callers hear. */
export const description = z.strictObject({
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
