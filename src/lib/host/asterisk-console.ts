import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { childEnv } from '../process/child-env.js'
import type { AsteriskConfig } from './asterisk-config.js'
import type { AsteriskProcess } from './asterisk-process.js'

const run = promisify(execFile)
/** How long the console may take for an answer, ms. It takes 20 ms. */
const LIMIT_MS = 5_000

/**
 * Asks a running Asterisk on its console, as `asterisk -rx` does. Root may, and the user of Asterisk.
 *
 * @returns undefined if this user may not, or no answer comes
 */
export async function askConsole(
  { program, config }: Pick<AsteriskProcess, 'program' | 'config'>,
  command: string,
): Promise<string | undefined> {
  const [first = '', ...more] = program
  return run(first, [...more, '-C', config, '-rx', command], { timeout: LIMIT_MS, env: childEnv() }).then(
    ({ stdout }) => stdout,
    () => undefined,
  )
}

/** A place of the dialplan that hands a call over, and for which lines. */
export interface Handover {
  context: string
  /** Whether it hands over calls to a line. */
  serves(line: string): boolean
}

/** Contexts of our own dialplan that hand calls over. Incoming callers do not reach them. */
const OWN = ['consentry-probe-call', 'consentry-outbound']
/** A dialplan entry that hands the call over, on the line of its extension. */
const BY_EXTENSION = /(?<![\w-])consentry,s,1\b/
/** One with an explicit line. */
const BY_NAME = /(?:\(consentry-outbound,s,1\(|[GU]\(consentry-outbound\^(?:s\^)?)([^,^_)]+)/

/** Lines of a dialplan that may hand a call over, and those that name an extension. */
export const HANDS_OVER = /consentry|^\s*exten/

/** The places of a dialplan as its files have it. */
export const writtenHandovers = ({ sections }: AsteriskConfig): Handover[] =>
  sections.flatMap(({ name: context, settings }) => {
    let extension = ''
    return settings.flatMap(({ key, value }) => {
      if (key.toLowerCase() === 'exten') extension = value.split(',')[0]!.trim()
      return handoverOf(context, extension, value)
    })
  })

/** The places in the running dialplan. @param shown output of Asterisk's console for `dialplan show` */
export function runningHandovers(shown: string): Handover[] {
  let [context, extension] = ['', '']
  return shown.split('\n').flatMap(line => {
    context = /^\[ Context '([^']+)'/.exec(line)?.[1] ?? context
    extension = /^\s+'([^']+)'[^=]*=>/.exec(line)?.[1] ?? extension
    return handoverOf(context, extension, line)
  })
}

function handoverOf(context: string, extension: string, text: string): Handover[] {
  if (OWN.includes(context)) return []
  const [, named] = BY_NAME.exec(text) ?? []
  // The value of a variable is known only in the call.
  if (named !== undefined) return [{ context, serves: line => named.includes('$') || named === line }]
  return BY_EXTENSION.test(text) ? [{ context, serves: line => matchesExtension(extension, line) }] : []
}

/** Letters of a pattern, as expressions. */
const LETTERS: Record<string, string> = { x: '[0-9]', z: '[1-9]', n: '[2-9]', '.': '.+', '!': '.*', '-': '' }

/** Whether an extension of a dialplan, perhaps a pattern (`_49X.`), matches a dialled number. */
export function matchesExtension(extension: string, dialled: string): boolean {
  // `/` begins the caller's number that an extension is for.
  const [own = ''] = extension.split('/')
  if (!own.startsWith('_')) return own === dialled
  const source = own.slice(1).replace(/\[[^\]]*\]|./g, one => {
    if (one.startsWith('[')) return one.replace(/\\/g, '')
    return LETTERS[one.toLowerCase()] ?? one.replace(/[*+?^${}()|\\]/g, '\\$&')
  })
  return new RegExp(`^${source}$`).test(dialled)
}
