import type { ParseArgsConfig } from 'node:util'
import { isStandardOutput } from '../lib/files/output-file.js'

/** The parsed command line. */
export interface Request {
  options: Record<string, string | boolean | (string | boolean)[] | undefined>
  words: string[]
  /** True to print one JSON document on standard output. */
  json: boolean
}

/** A verb below another one, as `add` is in `hold add`. */
export interface Below {
  /** Its name, words and options. */
  usage: string
  /** Its effect, in a sentence without the full stop. */
  does: string
}

/** One verb of the `consentry` command. */
export interface Command {
  /** Its effect, in one line of the overview. */
  summary: string
  /** Further facts for its user, in sentences. */
  details?: string
  /** Its words and options, one entry for each way to call it. */
  usage: readonly string[]
  /** The verbs below it. */
  below?: readonly Below[]
  /** An example of a command line, without `consentry`. */
  example: string
  options: NonNullable<ParseArgsConfig['options']>
  /** @returns the exit code */
  run(request: Request): Promise<number>
}

/** The command line was not understood. The command exits 2. */
export class UsageError extends Error {}

/** Refuses words for a verb that takes options only. @throws UsageError */
export function noWords({ words: [word] }: Request): void {
  if (word !== undefined) throw new UsageError(`"${word}" means nothing here`)
}

/** The one word that a verb needs. @throws UsageError */
export function oneWord(request: Request, what: string): string {
  const [word, ...more] = request.words
  if (!word || more.length > 0) throw new UsageError(`exactly one ${what} is needed`)
  return word
}

/** The text of an option. Undefined if it was not given. */
export function text(request: Request, name: string): string | undefined {
  const value = request.options[name]
  return typeof value === 'string' ? value : undefined
}

/** The texts of an option that may be given several times. */
export function texts({ options }: Request, name: string): string[] {
  const value = options[name]
  return Array.isArray(value) ? value.map(String) : []
}

const jsonText = (document: unknown) => `${JSON.stringify(document, null, 2)}\n`

/** Prints one JSON document. */
export const printJson = (document: unknown) => process.stdout.write(jsonText(document))

/** Prints a result: one JSON document if that is asked for, else words. @returns the exit code 0 */
export function print({ json }: Pick<Request, 'json'>, document: unknown, words: string): 0 {
  process.stdout.write(json ? jsonText(document) : words)
  return 0
}

/** Prints that a file was written. Prints to standard error if the file is standard output itself. */
export function printWritten({ json }: Request, file: string, result: { document: unknown; words: string }) {
  const to = isStandardOutput(file) ? process.stderr : process.stdout
  to.write(json ? jsonText(result.document) : result.words)
}
