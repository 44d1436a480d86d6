import type { LanguageChoice, LinePolicy } from '../core/policy.js'
import { isLanguage } from '../languages/languages.js'
import type { Fields, LineField } from './fields/field.js'
import { KEPT_ANSWER, KEYS, PLAIN, PROMPTS, PURPOSE, VOICE } from './fields/fields.js'
import { isTree, type Tree } from './tree.js'

/**
 * A line of which some fields may be invalid, in the form of a valid one. Values of another form than their field, such
 * as words in place of a number, are left out.
 *
 * @param completed the line with the fields of its group; parsed JSON, unchecked
 */
export function inFormOfLine(completed: Tree): LinePolicy {
  const { number, version, keys, purposes, voice } = completed
  const line = {
    number: typeof number === 'string' ? number : '',
    version: typeof version === 'number' ? version : 0,
    ...valuesOf(PLAIN, completed),
    keys: valuesOf(KEYS, keys),
    purposes: Array.isArray(purposes) ? purposes.filter(isTree).map(purposeOf) : [],
    ...(isTree(voice) && { voice: voiceOf(voice) }),
  }
  return line as unknown as LinePolicy
}

const purposeOf = (typed: Tree) => ({
  ...valuesOf(PURPOSE, typed),
  prompts: valuesOf(PROMPTS, typed['prompts']),
})

function voiceOf(typed: Tree): Tree {
  const { keepAnswer: kept } = typed
  const voice = valuesOf(VOICE, typed)
  if (kept === false) return { ...voice, keepAnswer: false }
  return isTree(kept) ? { ...voice, keepAnswer: valuesOf(KEPT_ANSWER, kept) } : voice
}

/** The values of fields: as typed, if they have their form; otherwise the default, or a blank value. */
function valuesOf(fields: Fields, typed: unknown): Tree {
  const given = isTree(typed) ? typed : {}
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]): [string, unknown][] => {
      const value = inForm(field, given[name])
      if (value !== undefined) return [[name, value]]
      return field.optional ? [] : [[name, field.usual ?? field.blank ?? '']]
    }),
  )
}

/** The value, if it has the form of the field. It may be out of bounds. */
function inForm({ control, choices }: LineField, value: unknown): unknown {
  switch (control) {
    case 'languages':
      return languagesOf(value)
    case 'step':
      return isTree(value) ? stepOf(value) : undefined
    case 'choice':
      return typeof value === 'string' && Object.hasOwn(choices!.en, value) ? value : undefined
    case 'switch':
      return typeof value === 'boolean' ? value : undefined
    case 'heard':
      return typeof value === 'number' || value === 'all' ? value : undefined
    case 'seconds':
    case 'number':
    case 'days':
    case 'decimal':
      return typeof value === 'number' ? value : undefined
    default:
      return typeof value === 'string' ? value : undefined
  }
}

function languagesOf(typed: unknown): LanguageChoice[] | undefined {
  const found = (Array.isArray(typed) ? typed : []).filter(isTree).flatMap(({ language, key }) => {
    const known = typeof language === 'string' && isLanguage(language)
    return known && typeof key === 'string' ? [{ language, key }] : []
  })
  return found.length > 0 ? found : undefined
}

/** Where a call goes, with the target if it is another place in the dialplan. */
const stepOf = ({ do: step, context, extension, priority }: Tree): Tree => ({
  do: typeof step === 'string' ? step : 'continue',
  ...(typeof context === 'string' && { context }),
  ...(typeof extension === 'string' && { extension }),
  ...(typeof priority === 'number' && { priority }),
})
