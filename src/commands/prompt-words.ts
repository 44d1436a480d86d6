import { readFile, stat } from 'node:fs/promises'
import { AppError } from '../core/errors.js'
import { MAX_UPLOAD_BYTES, type WordsRequest, type WordValues } from '../lines/prompts/make-prompts.js'
import { type Request, text, texts, UsageError } from './command.js'

/** The options of a prompt's words. */
export const wordOptions = {
  lang: { type: 'string' },
  text: { type: 'string' },
  of: { type: 'string' },
  like: { type: 'string' },
  line: { type: 'string' },
  company: { type: 'string' },
  days: { type: 'string' },
  term: { type: 'string', multiple: true },
  yes: { type: 'string' },
  no: { type: 'string' },
  withdraw: { type: 'string' },
  key: { type: 'string' },
} as const

export const WORD_USAGE =
  '[--text WORDS] [--line NUMBER] [--company NAME] [--days N] [--term PURPOSE=N…] [--yes KEY] [--no KEY] [--withdraw KEYS] [--key KEY] [--of VERSION] [--like NAME]'

/** The language, which every verb for one prompt needs. @throws UsageError */
export function languageOf(request: Request): string {
  const language = text(request, 'lang')
  if (language) return language
  throw new UsageError('say the language, such as --lang ru or --lang en')
}

/** A whole number that an option gives. Undefined if it was not given. @throws UsageError */
export function wholeNumber(request: Request, name: string): number | undefined {
  const given = text(request, name)
  if (given === undefined) return undefined
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given)
  throw new UsageError(`--${name} is a whole number from 1`)
}

/** The words of a new version, as the options give them. @throws UsageError */
export function wordsOf(request: Request, name: string): WordsRequest {
  const [template, line, of] = [text(request, 'text'), text(request, 'line'), wholeNumber(request, 'of')]
  const like = text(request, 'like')
  return {
    ...{ name, language: languageOf(request), values: valuesOf(request) },
    ...(template !== undefined && { template }),
    ...(line !== undefined && { line }),
    ...(of !== undefined && { of }),
    ...(like !== undefined && { like }),
  }
}

const KEYS = { yes: /^[0-9*#]$/, no: /^[0-9*#]$/, withdraw: /^[0-9*#]{1,4}$/, key: /^[0-9]$/ }

function valuesOf(request: Request): WordValues {
  const [company, days] = [text(request, 'company'), wholeNumber(request, 'days')]
  const values: WordValues = {
    ...(company !== undefined && { company }),
    ...(days !== undefined && { days }),
  }
  for (const name of ['yes', 'no', 'withdraw', 'key'] as const) {
    const keys = text(request, name)
    if (keys === undefined) continue
    if (!KEYS[name].test(keys)) throw new UsageError(`--${name} takes keys of the telephone, such as 1 or *9`)
    values[name] = keys
  }
  const terms = texts(request, 'term').map(term => {
    const [, purpose, days] = /^([a-z0-9-]+)=([1-9]\d{0,3})$/.exec(term) ?? []
    if (purpose) return [purpose, Number(days)]
    throw new UsageError('--term is PURPOSE=DAYS, such as marketing=14')
  })
  return terms.length > 0 ? { ...values, terms: Object.fromEntries(terms) } : values
}

/** Reads a recording. @throws AppError `request.invalid` */
export async function readSound(file: string): Promise<Buffer> {
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) throw new AppError('request.invalid', `There is no file ${file}.`)
  if (found.size > MAX_UPLOAD_BYTES)
    throw new AppError(
      'request.invalid',
      `${file} has more than ${MAX_UPLOAD_BYTES / 1_048_576} MB: shorten it, or save it as FLAC.`,
    )
  return readFile(file)
}
