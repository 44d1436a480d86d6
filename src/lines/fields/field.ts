import * as z from 'zod'
import type { LinePolicy, WrittenLanguage } from '../../core/policy.js'

/** A text, or what makes one, in each language of the pages. */
export type InEach<T> = Readonly<Record<WrittenLanguage, T>>

/**
 * How a field is edited. `choice`: one of its `choices`. `switch`: yes or no, with `choices`. `seconds`: typed in seconds,
 * kept in ms. `heard`: seconds, or the word for all. `step`: where the call goes.
 */
export type Control =
  | 'choice'
  | 'switch'
  | 'language'
  | 'languages'
  | 'prompt'
  | 'text'
  | 'keys'
  | 'seconds'
  | 'number'
  | 'decimal'
  | 'days'
  | 'heard'
  | 'step'

/** The parts of a line's page that show its fields, in the order in which a caller meets them. */
export const PLACES = [
  'announced',
  'asked',
  'hearing',
  'next',
  'withdrawal',
  'pause',
  'outsiders',
  'during',
  'after',
] as const

/** The wording of a change: by the new value, or a text for each new value. @param purpose the name of its purpose */
type Change<T> = Readonly<Record<string, string>> | ((to: T, from: T, purpose: string) => string)

/** How people see and edit a field. */
interface Described<T> {
  control: Control
  place: (typeof PLACES)[number]
  /** Its label on forms. Before a comma, colon or semicolon, it is the field's name in a list. */
  label: InEach<string>
  /** The words of its values, if they are chosen. */
  choices?: InEach<Readonly<Record<string, string>>>
  /**
   * The sentence of the line's page that shows it, with the paths of its values in braces: `{keys.pause} pauses for
   * {pauseMaxMs}`. Absent: the page has a sentence of its own for it.
   */
  sentence?: InEach<string | ((value: T, line: LinePolicy) => string)>
  /** What stands in place of an absent value. */
  none?: InEach<string>
  /** Absent: its sentence says it with the new value, or each part of it is a difference of its own. */
  change?: InEach<Change<T>>
  /** The value of a page for a field without a default that is not typed yet. Absent: an empty text. */
  blank?: T
}

/** A field of a line: the form of its value, its default, and how people see it. */
export interface LineField extends Omit<Described<never>, 'blank'> {
  /** The form of its value, without a default. */
  schema: z.ZodType
  /** The same in a line that may omit it. */
  inLine: z.ZodType
  /** The value of a line that does not state the field. Null: none. Undefined: the line must state it, or has none. */
  usual?: unknown
  /** True if a checked line may lack it. */
  optional?: true
  blank?: unknown
}

/** A field that every line states. */
export const required = <S extends z.ZodType>(schema: S, described: Described<z.output<S>>) => ({
  ...described,
  ...{ schema, inLine: schema },
})

/** A field that a line may omit. The checked line then has its default. */
export const defaulted = <S extends z.ZodType>(
  schema: S,
  usual: NonNullable<z.output<S>>,
  described: Described<z.output<S>>,
) => ({ ...described, ...{ schema, usual, inLine: z._default(schema, usual as never) } })

/**
 * A field that a checked line may lack.
 * @param usual the value that it then has in effect; null: to have none is the default
 */
export const optional = <S extends z.ZodType, U extends z.output<S> | null | undefined>(
  schema: S,
  usual: U,
  described: Described<U extends z.output<S> ? z.output<S> : z.output<S> | undefined>,
) => ({
  ...described,
  ...{ schema, inLine: z.exactOptional(schema), optional: true as const },
  ...(usual !== undefined && { usual }),
})

/** Fields by their names. */
export type Fields = Readonly<Record<string, LineField>>

/** The schemas of fields in a line. */
export const inLine = <F extends Fields>(fields: F) =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.inLine])) as {
    [K in keyof F]: F[K]['inLine']
  }

/** The schemas of fields without defaults. */
export const inGroup = <F extends Fields>(fields: F) =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.schema])) as {
    [K in keyof F]: F[K]['schema']
  }
