import { askConsole } from '../../host/asterisk-console.js'
import type { AsteriskProcess } from '../../host/asterisk-process.js'
import { words } from '../../shared/words.js'
import type { Fault } from '../check.js'

/** How FreePBX keeps in Asterisk's database that the calls of an extension are recorded in any case. */
const FORCED = /^\/AMPUSER\/([0-9A-Za-z]+)\/recording\/in\/external\s*: (?:force|always)\s*$/gm
/** Extensions that are named. They are numbers of the operator's own staff, and some are enough to find the rest. */
const NAMED = 5

/** Finds extensions whose calls FreePBX records whatever callers answer. ARI does not read that database. */
export async function recordedExtensions(asterisk: AsteriskProcess | undefined): Promise<Fault[]> {
  const shown = asterisk && (await askConsole(asterisk, 'database show AMPUSER'))
  const extensions = [...(shown ?? '').matchAll(FORCED)].map(([, extension]) => extension!)
  return extensions.length === 0 ? [] : [recordsItself(extensions)]
}

function recordsItself(extensions: readonly string[]): Fault {
  const list = `${extensions.slice(0, NAMED).join(', ')}${extensions.length > NAMED ? ', …' : ''}`
  return {
    found: words(
      `The PBX itself records every call of ${list}, whatever callers answer.`,
      `АТС сама записывает все звонки ${list}, что бы ни ответил звонящий.`,
    ),
    setting: 'recording (FreePBX)',
    remedy: words(
      'Set Inbound External Calls of these extensions to Don’t Care or Never.',
      'Поставьте этим номерам Inbound External Calls: Don’t Care или Never.',
    ),
  }
}
