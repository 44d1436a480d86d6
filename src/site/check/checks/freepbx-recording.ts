import { type Words, words } from '../../../core/words.js'
import { askConsole } from '../../../lib/host/asterisk-console.js'
import type { AsteriskProcess } from '../../../lib/host/asterisk-process.js'
import type { Fault } from '../check.js'

/**
 * Key in Asterisk's database under which FreePBX stores that it records an extension's calls with outside participants.
 */
const RECORDED =
  /^\/AMPUSER\/([0-9A-Za-z]+)\/recording\/(?:in|out)\/external\s*: (?:force|always|yes|delayed)\s*$/gm
/** The same for an extension that may record at a key. */
const ON_DEMAND = /^\/AMPUSER\/([0-9A-Za-z]+)\/recording\/ondemand\s*: (?:enabled|override)\s*$/gm
/**
 * Maximum number of named extensions. They are numbers of the operator's own staff, and some are enough to find the
 * rest.
 */
const NAMED = 5

/**
 * Finds extensions whose calls FreePBX records, or may record, without consent. ARI does not read that database:
 * Asterisk protects the function `DB` from other programs, unless `live_dangerously` is on.
 *
 * @returns undefined if Asterisk's console does not answer this user
 */
export async function recordedExtensions(
  asterisk: AsteriskProcess | undefined,
): Promise<Fault[] | undefined> {
  const shown = asterisk ? await askConsole(asterisk, 'database show AMPUSER') : ''
  if (shown === undefined) return undefined
  const extensionsIn = (form: RegExp) => [...new Set([...shown.matchAll(form)].map(([, one]) => one!))]
  const [recorded, onDemand] = [extensionsIn(RECORDED), extensionsIn(ON_DEMAND)]
  return [
    ...(recorded.length > 0 ? [recordsItself(listOf(recorded))] : []),
    ...(onDemand.length > 0 ? [mayRecord(listOf(onDemand))] : []),
  ]
}

const listOf = (extensions: readonly string[]): string =>
  `${extensions.slice(0, NAMED).join(', ')}${extensions.length > NAMED ? ', …' : ''}`

const faultOf = (found: Words, remedy: Words): Fault => ({ found, setting: 'recording (FreePBX)', remedy })

const recordsItself = (list: string): Fault =>
  faultOf(
    words(
      `The PBX itself records every call of ${list}, whatever callers answer.`,
      `АТС сама записывает все звонки ${list}, что бы ни ответил звонящий.`,
    ),
    words(
      'Set Inbound and Outbound External Calls of these extensions to Don’t Care, No or Never.',
      'Поставьте этим номерам Inbound и Outbound External Calls: Don’t Care, No или Never.',
    ),
  )

const mayRecord = (list: string): Fault =>
  faultOf(
    words(
      `At a key the PBX itself records calls of ${list}, whatever callers answer.`,
      `По клавише АТС сама записывает звонки ${list}, что бы ни ответил звонящий.`,
    ),
    words(
      'Set On Demand Recording of these extensions to Disable.',
      'Поставьте этим номерам On Demand Recording: Disable.',
    ),
  )
