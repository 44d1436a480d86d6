import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { allows } from './accounts.js'
import type { AsteriskConfig } from './asterisk-config.js'
import type { AsteriskProcess } from './asterisk-process.js'
import { placeIn, withHeld } from './guarded-path.js'
import type { HostPaths } from './processes.js'

/** How long the console may take for an answer, ms. It takes 20 ms. */
const LIMIT_MS = 5_000
/** Time until the next attempt if too many clients connect at once, ms. */
const AGAIN_MS = 20
/** Longest answer, characters. A dialplan of 300,000 lines has 20 million. */
const MOST_CHARS = 64_000_000
/** A line with this beginning is a message for people who watch the console, not an answer. */
const MESSAGE = '\x7f'

/**
 * Asks a running Asterisk on its console, as `asterisk -rx` does, at the socket at which its process listens. No program is run. Root
 * may ask, and the user of Asterisk.
 *
 * @returns undefined if this user may not, or no answer comes
 */
export async function askConsole(
  host: Pick<HostPaths, 'root'>,
  { console, uid, gid, groups }: Pick<AsteriskProcess, 'console' | 'uid' | 'gid' | 'groups'>,
  command: string,
): Promise<string | undefined> {
  if (console === undefined) return undefined
  const user = uid === 0 ? undefined : { uid, groups: [gid, ...groups], ignoresModes: false }
  for (const end = performance.now() + LIMIT_MS; ; await pause(AGAIN_MS)) {
    try {
      const asked = withHeld(host, console, user, held =>
        // Nothing but a socket that Asterisk's user may use is connected to.
        held.stat.isSocket() && (!held.leader || allows(held.leader, held.stat, 'write'))
          ? askSocket(placeIn(held), command, LIMIT_MS)
          : undefined,
      )
      return await asked
    } catch (error) {
      // Asterisk's socket has a backlog of two connections.
      const isCrowded = (error as NodeJS.ErrnoException | undefined)?.code === 'EAGAIN'
      if (!isCrowded || performance.now() > end) return undefined
    }
  }
}

/**
 * Runs a command of Asterisk's console.
 *
 * @param path of Asterisk's control socket. It is connected to before this returns
 * @param limit ms without an answer
 * @returns the command's output
 * @throws the system's error
 */
export function askSocket(path: string, command: string, limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const socket = connect(path)
    socket.setEncoding('utf8').setTimeout(limit, () => socket.destroy(new Error('no answer')))
    socket.on('error', reject)
    // Asterisk ends the connection after the answer.
    socket.on('close', hadError => {
      if (!hadError) resolve(answerIn(said))
    })
    socket.on('data', piece => {
      said += piece
      if (said.length > MOST_CHARS) socket.destroy(new Error('too long an answer'))
    })
    socket.write(`cli quit after ${command}\0`)
  })
}

/** The first line names the machine, the process and the version. */
function answerIn(said: string): string {
  const lines = said.split('\n').slice(1)
  return lines.filter(line => !line.startsWith(MESSAGE)).join('\n')
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
