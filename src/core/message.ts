/**
 * A message for people: an English template with `{}` for each value, and the values. Programs and commands get it in
 * English. The console finds its translation by the template.
 */
export interface Message {
  readonly template: string
  readonly values: readonly MessageValue[]
}

/** A value of a message: a text, a number, or something that another language writes differently. */
export type MessageValue =
  | string
  | number
  | Message
  /** A duration, ms. */
  | { readonly ms: number }
  /** A field of a line by its path, such as `purposes.0.legalBasis`. Empty for the whole line. */
  | { readonly field: string }
  /** A field of a request by its path, such as `publishAt`. Empty for the whole request. */
  | { readonly request: string }
  /** Several messages, such as the faults of a line. `between`: the text between two of them in English. */
  | { readonly list: readonly Message[]; readonly between: string }

/** Makes a message of a template literal. */
export const text = (parts: TemplateStringsArray, ...values: MessageValue[]): Message => ({
  template: parts.join('{}'),
  values,
})

/** The message itself, or a message without values. */
export const messageOf = (message: string | Message): Message =>
  typeof message === 'string' ? { template: message, values: [] } : message

/** Puts each value in place of the next `{}` of a template. */
export const fillTemplate = (template: string, values: readonly string[]): string =>
  template.split('{}').reduce((filled, part, i) => `${filled}${values[i - 1] ?? '{}'}${part}`)

/** The message in English. */
export const english = ({ template, values }: Message): string =>
  fillTemplate(template, values.map(valueInEnglish))

function valueInEnglish(value: MessageValue): string {
  if (typeof value !== 'object') return String(value)
  if ('ms' in value) return `${value.ms} ms`
  if ('field' in value) return value.field || 'the whole'
  if ('request' in value) return `/${value.request.replaceAll('.', '/')}`
  if ('list' in value) return value.list.map(english).join(value.between)
  return english(value)
}

/** Makes an error function of a zod schema. The issue keeps the message with its values as `text`. */
export const issueText =
  (message: Message) =>
  (issue: object): string => {
    Object.assign(issue, { text: message })
    return english(message)
  }

/** The message of an issue of zod, or of another object with a message that may have been made by `issueText`. */
export const textOf = ({ text, message }: { text?: unknown; message: string }): Message =>
  (text as Message | undefined) ?? messageOf(message)
