import { english, fillTemplate, type Message, type MessageValue } from '../../../core/message.js'

/** A message in a language: a sentence with `{1}` for the first value, or a function of the values. */
export type Translation = string | ((...values: string[]) => string)

/** Messages in a language, by their English templates. */
export type Catalogue = Readonly<Record<string, Translation>>

/** How a language words messages. */
export interface MessageWords {
  catalogue: Catalogue
  /** A message without a translation. */
  untranslated(english: string): string
  /** A fault of a request's field without a translation, such as one of the framework. */
  unsuitable(english: string): string
  seconds(ms: number): string
  /** The label of a field, such as `waitMs`. Undefined: no page has it. */
  label(path: string): string | undefined
  /** A field of one of several purposes. @param which its number from 1, or its name */
  ofPurpose(label: string, which: string | number): string
  /** The message for a request that the page cannot have sent. */
  malformed: string
}

/** Translates a message, with the labels of fields in place of their names. */
export function translate({ template, values }: Message, words: MessageWords): string {
  const [field, fault] = values
  if (isRequested(field)) return translateRequested(field.request, fault as Message, words)
  const shown = values.map(value => translateValue(value, words))
  const translation = words.catalogue[template]
  if (translation === undefined) return words.untranslated(fillTemplate(template, shown))
  if (typeof translation === 'function') return translation(...shown)
  return translation.replaceAll(/\{(\d)\}/g, (_, place) => shown[Number(place) - 1] ?? '')
}

const isRequested = (value: MessageValue | undefined): value is { request: string } =>
  typeof value === 'object' && 'request' in value

/** The fault of a request's field. A page does not send other fields. */
function translateRequested(path: string, fault: Message, words: MessageWords): string {
  const label = labelOf(path, words)
  if (label === undefined) return words.malformed
  const isKnown = fault.template in words.catalogue
  return `${label}: ${isKnown ? translate(fault, words) : words.unsuitable(english(fault))}`
}

function translateValue(value: MessageValue, words: MessageWords): string {
  if (typeof value !== 'object') return String(value)
  if ('ms' in value) return words.seconds(value.ms)
  if ('field' in value) return labelOf(value.field, words) ?? ''
  if ('request' in value) return labelOf(value.request, words) ?? ''
  if ('list' in value) return [...new Set(value.list.map(one => translate(one, words)))].join('\n')
  return translate(value, words)
}

/** The label of a path's field, or of the field that contains it. */
function labelOf(path: string, words: MessageWords): string | undefined {
  const [, which, inner] = /^purposes\.([^.]+)\.(.+)$/.exec(path) ?? []
  if (which !== undefined && inner !== undefined) {
    const label = labelOf(inner, words)
    return label && words.ofPurpose(label, /^\d+$/.test(which) ? Number(which) + 1 : which)
  }
  const label = words.label(path)
  return label || !path.includes('.') ? label : labelOf(path.replace(/\.[^.]*$/, ''), words)
}
