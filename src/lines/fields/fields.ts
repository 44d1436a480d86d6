// The fields of a line. Each of the files here describes some of them whole: the form of its value, its default, its words
// in each language, its control on forms and its place on the pages. All code that needs a field reads this list.
import * as z from 'zod'
import type { LinePolicy, WrittenLanguage } from '../../core/policy.js'
import { CONVERSATION } from './conversation.js'
import { type Fields, type InEach, inGroup, inLine, type LineField, PLACES } from './field.js'
import { GREETING } from './greeting.js'
import { KEPT_ANSWER, sharedVoice, VOICE, voice } from './hearing.js'
import { NEXT_STEPS } from './next-steps.js'
import { MAX_PURPOSES, PROMPTS, PURPOSE, purposes, sharedPurposes } from './purposes.js'
import { KEYS, QUESTION } from './question.js'

export { KEPT_ANSWER, KEYS, MAX_PURPOSES, PROMPTS, PURPOSE, VOICE }

/** The fields without parts that a caller meets after the greeting. */
const LATER = { ...QUESTION, ...CONVERSATION, ...NEXT_STEPS }

/** The fields without parts. */
export const PLAIN = { ...GREETING, ...LATER }

/** The schemas of all fields but the number, in a line. */
export const lineShape = {
  ...inLine(GREETING),
  voice: voice.exactOptional(),
  purposes,
  keys: z.strictObject(inLine(KEYS)).prefault({}),
  ...inLine(LATER),
}

const { name: _, ...shared } = PLAIN

/** The schemas of the fields that several lines share. A group has no name for its lines. */
export const groupShape = {
  ...inGroup(shared),
  purposes: sharedPurposes,
  keys: z.strictObject(inGroup(KEYS)).partial(),
  voice: sharedVoice,
}

const at = (start: string, fields: Fields): [string, LineField][] =>
  Object.entries(fields).map(([name, field]) => [start + name, field])

/** The fields of the whole line by their paths, in the order in which a caller meets them. */
const OF_LINE = [
  ...at('', PLAIN),
  ...at('keys.', KEYS),
  ...at('voice.', VOICE),
  ...at('voice.keepAnswer.', KEPT_ANSWER),
].sort(([, one], [, other]) => PLACES.indexOf(one.place) - PLACES.indexOf(other.place))

/** The fields of a purpose by their paths below it. */
const OF_PURPOSE = [...at('', PURPOSE), ...at('prompts.', PROMPTS)]

const LINE_FIELDS = new Map(OF_LINE)
const PURPOSE_FIELDS = new Map(OF_PURPOSE)

/** Paths of the fields that a form of a group has, and of those below each of its purposes. */
export const GROUP_PATHS = OF_LINE.map(([path]) => path).filter(path => path !== 'name')
export const PURPOSE_PATHS = OF_PURPOSE.map(([path]) => path)

/**
 * The field at a path of a line, such as `waitMs` or `purposes.0.legalBasis`. In place of the index, a purpose may have
 * its name.
 *
 * @returns undefined for any other path, also that of a value with parts
 */
export function fieldAt(path: string): LineField | undefined {
  const [, below] = /^purposes\.[^.]+\.(.+)$/.exec(path) ?? []
  return below === undefined ? LINE_FIELDS.get(path) : PURPOSE_FIELDS.get(below)
}

/** Paths of the fields at a place of the page. @param alone whether they have a sentence of their own there */
export const fieldsAt = (place: LineField['place'], alone = false): string[] =>
  OF_LINE.filter(([, field]) => field.place === place && (field.sentence !== undefined) === alone).map(
    ([path]) => path,
  )

/** The label of a line's field. @param path as for `fieldAt`, or below a purpose; undefined for any other */
export const fieldLabel = (path: string, language: WrittenLanguage): string | undefined =>
  (fieldAt(path) ?? PURPOSE_FIELDS.get(path))?.label[language]

/** The words of fields in one language, by their paths. */
export const fieldWords = (language: WrittenLanguage) => ({
  fields: (path: string): string => fieldLabel(path, language) ?? path,
  /** The words of its values, if they are chosen. */
  choices: (path: string) => fieldAt(path)?.choices?.[language],
  /** What stands in place of an absent value. */
  none: (path: string) => fieldAt(path)?.none?.[language],
  /** The field's sentence on the page of this line. @param value in effect */
  sentence: (path: string, value: unknown, line: LinePolicy): string => {
    const sentence = fieldAt(path)?.sentence?.[language] ?? ''
    return typeof sentence === 'string' ? sentence : sentence(value as never, line)
  },
})

/** Names of values with parts in a list of fields. */
const WHOLES: Readonly<Record<string, InEach<string>>> = {
  purposes: { en: 'purposes', ru: 'цели' },
  keys: { en: 'keys', ru: 'клавиши' },
  voice: { en: 'how answers are heard', ru: 'распознавание ответов' },
}

/** The name of a field of the whole line, or of a value with parts, in a list of fields. */
export function shortName(path: string, language: WrittenLanguage): string {
  const [name = path] = (WHOLES[path] ?? LINE_FIELDS.get(path)?.label)?.[language].split(/[,:;]/) ?? []
  return name.charAt(0).toLowerCase() + name.slice(1)
}
