import { text } from '../core/message.js'
import type { LinePolicy } from '../core/policy.js'
import { type PromptFault, promptsOf, speaks, type Words } from './contradictions.js'

type Line = Omit<LinePolicy, 'version'>

/** `{company}`, `{days:marketing}`. */
const VARIABLE = /\{([^{}]*)\}/
/** A plus before a vowel marks stress for the voice, and is not part of the text. */
const STRESS = /\+(?=\p{L})/gu

/** The company that the words of a prompt name in place of `{company}`. Undefined if they do not have this variable. */
export function companySaid({ template, text }: Pick<Words, 'template' | 'text'>): string | undefined {
  if (!template?.includes('{company}') || text === undefined) return undefined
  const pattern = template
    .trim()
    .replace(STRESS, '')
    .split(VARIABLE)
    .map((part, i) => (i % 2 === 0 ? part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : patternOf(part)))
    .join('')
  return new RegExp(`^${pattern}$`, 'su').exec(text)?.[1]
}

const patternOf = (variable: string): string => (variable === 'company' ? '(.+?)' : '.+?')

/** The companies named in shipped prompts: examples, one in each language. */
export const exampleCompanies = (shipped: readonly Words[]): Set<string> =>
  new Set(shipped.map(companySaid).filter(name => name !== undefined))

/**
 * Finds the prompts from which callers of a line would hear the example company of the shipped prompts instead of the
 * operator.
 *
 * @param known all prompts in force
 * @param examples result of `exampleCompanies`
 */
export function exampleCompanyFaults(
  line: Line,
  known: readonly Words[],
  examples: ReadonlySet<string>,
): PromptFault[] {
  const heard = new Set(promptsOf(line).map(({ name }) => name))
  return known.flatMap(prompt => {
    const { name, language } = prompt
    if (!heard.has(name) || !speaks(line, language)) return []
    const said = exampleIn(prompt, examples)
    if (said === undefined) return []
    const path = name === line.disclosure ? 'disclosure' : 'company'
    return [
      {
        path,
        prompt: name,
        text: text`the prompt "${name}" (${language}) names “${said}”, which is an example`,
      },
    ]
  })
}

/**
 * The example that a prompt names. Words without `{company}`, such as those of a recorded prompt, are searched for an
 * example.
 */
function exampleIn(prompt: Words, examples: ReadonlySet<string>): string | undefined {
  const said = companySaid(prompt)
  if (said !== undefined) return examples.has(said) ? said : undefined
  return [...examples].find(name =>
    new RegExp(`(?<![\\p{L}\\p{N}])${name}(?![\\p{L}\\p{N}])`, 'u').test(prompt.text ?? ''),
  )
}
