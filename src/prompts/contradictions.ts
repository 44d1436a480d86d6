import { english, type Message, text } from '../core/message.js'
import { type Language, type LinePolicy, outsiderDisclosureOf } from '../core/policy.js'
import { anyOf } from '../languages/any-of.js'
import { describeLanguage } from '../languages/languages.js'
import type { ManifestEntry } from './manifest.js'
import { roleOf } from './roles.js'

/** The data of a prompt that is compared with lines. */
export type Words = Pick<ManifestEntry, 'name' | 'language' | 'says'> &
  Partial<Pick<ManifestEntry, 'text' | 'template'>>

type Line = Omit<LinePolicy, 'version'>
type Says = NonNullable<Words['says']>

/** A prompt that callers of a line hear. */
interface HeardPrompt {
  /** Path of its name in the line. Undefined for prompts that every line has. */
  path?: string
  name: string
  /** Indexes of the purposes that it names. */
  purposes: number[]
  /** The answer that it confirms. */
  confirms?: 'granted' | 'refused'
  /** Whether it asks for the answer. It must then ask for speech if callers may speak. */
  asks?: true
}

/** A setting of a line that prompts may state. */
interface Setting {
  /** Path in the line. */
  path: string
  said: Exclude<keyof Says, 'terms'> | { term: string }
  value: string | number
}

/**
 * Finds the prompts that callers of a line hear and that do not exist in its language.
 *
 * @param prompts all prompts
 * @returns a sentence for each, for people
 */
export const missingPrompts = (line: Line, prompts: readonly Words[]): Message[] =>
  findMissing(line, prompts).map(inLine(line))

/**
 * Finds the settings of a line that its prompts contradict. Prompts without `says` are not compared.
 *
 * @param prompts all prompts
 * @returns a sentence for each contradiction, for people; none for a line that never asks
 */
export const contradictions = (line: Line, prompts: readonly Words[]): Message[] =>
  findContradictions(line, prompts).map(inLine(line))

/** Reports a line whose disclosure is a shipped prompt that discloses nothing, such as a question. For people. */
export const noDisclosure = (line: Line): Message[] => findNoDisclosure(line).map(inLine(line))

/**
 * Doubts about a line in force whose prompts all exist: contradictions, and disclosures that may disclose nothing. For
 * people.
 */
export const doubtfulWords = (line: Line, prompts: readonly Words[]): string[] =>
  [...noDisclosure(line), ...contradictions(line, prompts), ...vagueDisclosures(line, prompts)].map(english)

/**
 * Finds the languages in which a disclosure of a line names neither a term nor the key of a withdrawal. It may be a
 * prompt of another kind.
 *
 * @param prompts all prompts
 * @returns a sentence for each, for people
 */
export const vagueDisclosures = (of: Line, prompts: readonly Words[]): Message[] =>
  of.mode === 'none'
    ? []
    : spokenLines(of)
        .flatMap(line => [...new Set(disclosuresOf(line).map(({ name }) => findPrompt(line, name, prompts)))])
        .filter(prompt => prompt !== undefined)
        .filter(({ says }) => !says?.retentionDays && !says?.terms && !says?.withdraw)
        .map(
          ({ name, language }) =>
            text`the prompt "${name}" (${language}) names neither a term nor the key of a withdrawal: hear whether it tells callers of line ${of.number} what they agree to`,
        )

/** The same faults by field, except vague disclosures. */
export const promptFaults = (line: Line, prompts: readonly Words[]): PromptFault[] => [
  ...findMissing(line, prompts),
  ...findNoDisclosure(line),
  ...findContradictions(line, prompts),
]

/** A field of a line whose prompt is missing or contradicts it. */
export interface PromptFault {
  /** Such as `purposes.0.prompts.question`. */
  path: string
  /** The name of the prompt. */
  prompt: string
  /** The fault, for people. */
  text: Message
}

const inLine =
  ({ number }: Line) =>
  ({ path: field, text: fault }: PromptFault): Message =>
    text`line ${number}, ${{ field }}: ${fault}`

/** Whether callers of a line may hear a language. */
export const speaks = ({ language, languages = [] }: Line, wanted: Line['language']): boolean =>
  language === wanted || languages.some(one => one.language === wanted)

/** The line as it is spoken in each language that callers may hear. Its own comes first. */
const spokenLines = (line: Line): Line[] => [
  line,
  ...(line.languages ?? [])
    .filter(({ language }) => language !== line.language)
    .map(({ language }) => ({ ...line, language })),
]

/**
 * The disclosures of a line, each with the path of its field: the callers' one, and that of outsiders if it differs.
 */
const disclosuresOf = (line: Line): { path: string; name: string }[] => {
  const ofOutsiders = outsiderDisclosureOf(line)
  return [
    { path: 'disclosure', name: line.disclosure },
    ...(ofOutsiders === undefined ? [] : [{ path: 'outsiderDisclosure', name: ofOutsiders }]),
  ]
}

const findNoDisclosure = (line: Line): PromptFault[] =>
  line.mode === 'none'
    ? []
    : disclosuresOf(line)
        .filter(({ name }) => ![undefined, 'disclosure'].includes(roleOf(name)))
        .map(({ path, name }) => ({
          path,
          prompt: name,
          text: text`the prompt "${name}" is no disclosure: choose one that says that the call is recorded, what for and for how long`,
        }))

const findMissing = (of: Line, prompts: readonly Words[]): PromptFault[] =>
  spokenLines(of).flatMap(line => missingIn(line, prompts))

const missingIn = (line: Line, prompts: readonly Words[]): PromptFault[] =>
  heardPrompts(line)
    .filter(({ name }) => !findPrompt(line, name, prompts))
    .map(({ path = 'onWithdraw', name }) => ({
      path,
      prompt: name,
      text: text`there is no prompt "${name}" in ${line.language}`,
    }))

/** A contradiction that occurs in several languages, or in a prompt that is heard twice, is reported once. */
const findContradictions = (of: Line, prompts: readonly Words[]): PromptFault[] => {
  const found = spokenLines(of).flatMap(line => contradictedIn(line, prompts))
  return [...new Map(found.map(fault => [`${fault.path} ${english(fault.text)}`, fault])).values()]
}

const contradictedIn = (line: Line, prompts: readonly Words[]): PromptFault[] =>
  heardPrompts(line).flatMap(heard => {
    const prompt = findPrompt(line, heard.name, prompts)
    const ofCompany = prompt ? otherCompany(line, prompt) : []
    const says = prompt?.says
    const ofSettings = says ? otherSettings(line, heard, says) : []
    const modeDiffers = ofSettings.some(({ path }) => path === 'mode')
    const ofSpeech = prompt && !modeDiffers ? otherAnswers(line, heard, prompt) : []
    return [...ofCompany, ...ofSettings, ...ofSpeech]
  })

const otherSettings = (line: Line, heard: HeardPrompt, says: Says): PromptFault[] =>
  settingsOf(line, heard)
    .map(({ said, ...setting }) => ({ ...setting, announced: announcedBy(says, said) }))
    .filter(
      ({ announced, value }) =>
        announced !== undefined && announced !== value && !isAlsoByVoice(announced, value, says),
    )
    .map(({ path, announced, value }) => ({
      path,
      prompt: heard.name,
      text: contradictionText(heard.name, { path, announced: announced!, value }),
    }))

/**
 * Whether a prompt for a line by key also suits a line by voice: it says that callers are asked, and names no key for a
 * yes.
 */
const isAlsoByVoice = (announced: unknown, value: unknown, { yes }: Says): boolean =>
  announced === 'key' && value === 'voice-or-key' && yes === undefined

/**
 * Finds a prompt that asks for speech although only keys count, or a question that does not although callers may speak.
 * Both follow from the wording alone, so recorded prompts are checked, too.
 */
function otherAnswers({ mode, language }: Line, { path, asks }: HeardPrompt, prompt: Words): PromptFault[] {
  if (prompt.text === undefined || path === undefined) return []
  const speech = asksForSpeech(prompt.text, language)
  if (speech && mode !== 'voice-or-key')
    return [{ path, prompt: prompt.name, text: speechText(prompt.name, true, mode) }]
  if (speech || !asks || mode !== 'voice-or-key') return []
  return [{ path, prompt: prompt.name, text: speechText(prompt.name, false, mode) }]
}

/** A prompt with another company's name than its line. A line without a company has that of the installation. */
const otherCompany = ({ company }: Line, { name, text, template }: Words): PromptFault[] =>
  company === undefined || !template?.includes('{company}') || text?.includes(company)
    ? []
    : [{ path: 'company', prompt: name, text: companyText(name, company) }]

const announcedBy = (says: Says, said: Setting['said']): string | number | undefined =>
  typeof said === 'string' ? says[said] : says.terms?.[said.term]

const findPrompt = ({ language }: Line, name: string, prompts: readonly Words[]): Words | undefined =>
  prompts.find(prompt => prompt.name === name && prompt.language === language)

/**
 * The names of the prompts that callers of a line hear, each with the indexes of the purposes that it names. Prompts of
 * every line, such as the apology, are left out.
 */
export const promptsOf = (line: Line): { name: string; purposes: number[] }[] => heardPrompts(line)

function heardPrompts(line: Line): HeardPrompt[] {
  const { mode, voice, purposes, onWithdraw, languages = [] } = line
  if (mode === 'none') return []
  const all = purposes.map((_, i) => i)
  const ofPurposes = purposes.flatMap(({ prompts: { question, granted, refused } }, i): HeardPrompt[] => {
    const path = (role: string) => `purposes.${i}.prompts.${role}`
    const objection: HeardPrompt = {
      path: path('refused'),
      name: refused,
      purposes: [i],
      confirms: 'refused',
    }
    if (mode === 'notice') return [objection]
    return [
      { path: path('question'), name: question, purposes: [i], asks: true },
      { path: path('granted'), name: granted, purposes: [i], confirms: 'granted' },
      objection,
    ]
  })
  const withdrawn = onWithdraw === 'keep' ? 'withdrawn-kept' : 'withdrawn'
  const offers = languages.length > 0 ? [{ path: 'languages', name: 'choose-language', purposes: [] }] : []
  return [
    ...offers,
    ...disclosuresOf(line).map(one => ({ ...one, purposes: all })),
    ...ofPurposes,
    ...(mode === 'voice-or-key' ? afterSpeech(voice) : []),
    { name: withdrawn, purposes: all },
  ]
}

/** The questions that are asked after unclear speech. */
const afterSpeech = (voice: Line['voice']): HeardPrompt[] => [
  { path: 'mode', name: 'question-by-key', purposes: [] },
  ...(voice?.weak === 'key' ? [] : [{ path: 'voice.weak', name: 'question-confirm', purposes: [] }]),
  ...(voice?.keyAfterYes ? [{ path: 'voice.keyAfterYes', name: 'question-after-yes', purposes: [] }] : []),
]

function settingsOf(
  { language, languages = [], mode, keys, onWithdraw, onRefused, purposes }: Line,
  { path, purposes: spokenOf, confirms }: HeardPrompt,
): Setting[] {
  const ofLine: Setting[] = [
    ...languages
      .filter(one => one.language === language)
      .map(({ key }): Setting => ({ path: 'languages', said: 'key', value: key })),
    { path: 'mode', said: 'mode', value: mode },
    mode === 'notice'
      ? { path: 'mode', said: 'yes', value: 'notice' }
      : { path: 'keys.yes', said: 'yes', value: keys.yes },
    { path: 'keys.no', said: 'no', value: keys.no },
    { path: 'keys.withdraw', said: 'withdraw', value: keys.withdraw },
    { path: 'onWithdraw', said: 'onWithdraw', value: onWithdraw },
    { path: 'onRefused', said: 'onRefused', value: onRefused.do === 'hangup' ? 'hangup' : 'served' },
  ]
  const terms = spokenOf.flatMap((i): Setting[] => {
    const { purpose, retentionDays: value } = purposes[i]!
    const path = `purposes.${i}.retentionDays`
    return [
      { path, said: 'retentionDays', value },
      { path, said: { term: purpose }, value },
    ]
  })
  const confirmed: Setting[] = path && confirms ? [{ path, said: 'answer', value: confirms }] : []
  return [...ofLine, ...terms, ...confirmed]
}

/**
 * Whether the words of a prompt ask callers to speak. Only the wording decides, because recorded prompts have no other
 * data.
 */
export const asksForSpeech = (text: string, language: Language): boolean =>
  anyOf(describeLanguage(language).speak).test(text)

/** What words ask of callers, by the mode of the line for which they were made. */
const ASKS: Readonly<Record<string, string>> & { key: string; 'voice-or-key': string } = {
  key: 'asks for a key',
  'voice-or-key': 'asks for a spoken answer',
  notice: 'only gives notice',
}
const LINE_ASKS: Readonly<Record<string, string>> = {
  ...ASKS,
  'voice-or-key': 'takes spoken answers, too',
}
const ENDS: Readonly<Record<string, string>> = {
  destroy: 'a withdrawal destroys the recording',
  keep: 'a withdrawal keeps the recording',
  hangup: 'the call ends after a no',
  served: 'the call continues after a no',
}
const CONFIRMS: Readonly<Record<string, string>> = { granted: 'a yes', refused: 'a no' }

/**
 * A contradiction between a prompt and its line, as a sentence for people.
 *
 * @param name of the prompt
 * @param path of the setting in the line
 * @param announced the prompt's value
 * @param value the line's value
 */
function contradictionText(
  name: string,
  { path, announced, value }: { path: string; announced: string | number; value: string | number },
): Message {
  if (path === 'mode')
    return text`the prompt "${name}" ${ASKS[announced] ?? ASKS.key}, but this line ${LINE_ASKS[value] ?? ''}`
  if (path === 'keys.yes' || path === 'keys.no')
    return text`the prompt "${name}" says key ${announced} for ${path.slice(5)}, but this line takes ${value}`
  if (path === 'keys.withdraw')
    return text`the prompt "${name}" says ${announced} to withdraw, but this line takes ${value}`
  if (path === 'languages')
    return text`the prompt "${name}" says key ${announced} for this language, but this line takes ${value}`
  if (path.endsWith('.retentionDays'))
    return text`the prompt "${name}" says ${announced} days, but this line keeps recordings for ${value}`
  if (announced in ENDS)
    return text`the prompt "${name}" says that ${ENDS[announced]!}, but on this line ${ENDS[value]!}`
  return text`the prompt "${name}" confirms ${CONFIRMS[announced] ?? announced}, but this line has it after ${CONFIRMS[value] ?? value}`
}

/** A prompt that asks for speech on a line by key, or does not on a line by voice. */
const speechText = (name: string, asks: boolean, mode: LinePolicy['mode']): Message =>
  text`the prompt "${name}" ${asks ? ASKS['voice-or-key'] : 'does not ask for a spoken answer'}, but this line ${LINE_ASKS[mode]!}`

/** A prompt that names another company than its line. */
const companyText = (name: string, company: string): Message =>
  text`the prompt "${name}" names another company, but this line has "${company}"`
