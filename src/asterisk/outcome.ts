import { createHash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import type { Outcome } from '../call/ports.js'

/** Length of a key in base-36 digits. 41 bits suffice to tell apart the few hundred different outcomes on a PBX. */
const KEY_LENGTH = 8

/** A purpose as part of a variable's name. The hyphens of its slug become underscores. */
const variablePartOf = (purpose: string): string => purpose.replaceAll('-', '_')

/** The part of an outcome that is too long for an extension, as `TARGET/NAME:ANSWER&…/NAME&…/KEYS`; KEYS is `keys` or nothing. Empty if none exists. */
function contentOf({ target, answers, hearsAgentKeys }: Outcome): string {
  if (!target && answers.length === 0 && !hearsAgentKeys) return ''
  const pairs = answers.map(({ purpose, answer }) => `${variablePartOf(purpose)}:${answer}`)
  const names = answers.map(({ purpose }) => variablePartOf(purpose))
  return [target ?? '', pairs.join('&'), names.join('&'), ...(hearsAgentKeys ? ['keys'] : [])].join('/')
}

/** Key of a content. Equal contents share a key, so that there is one global variable for each different outcome. */
const keyOf = (content: string): string =>
  content === ''
    ? ''
    : BigInt(`0x${createHash('sha256').update(content).digest('hex')}`)
        .toString(36)
        .slice(-KEY_LENGTH)

/**
 * Where consentry.conf continues a call with this outcome. The extension is DECISION_CALL_START_KEY_RUNNING: START is the tap to
 * start, RUNNING a tap that an earlier visit started. It has fewer than 80 characters, where Asterisk cuts.
 */
export function dialplanPlaceOf(outcome: Outcome): { context: string; extension: string; priority: number } {
  const { call, decision, tap, recordedBy } = outcome
  const startTap = tap ? basename(tap) : ''
  const runningTap = recordedBy ? basename(recordedBy) : ''
  const key = keyOf(contentOf(outcome))
  const extension = [decision, call, startTap, key, runningTap].join('_').replace(/_+$/, '')
  return { context: 'consentry-decided', extension, priority: 1 }
}

/**
 * The global variables that consentry.conf reads for this outcome.
 *
 * @param purposes names that were sent to the dialplan so far; the names of this outcome are added
 */
export function globalVariablesOf(
  outcome: Outcome,
  app: string,
  purposes: Set<string>,
): [name: string, value: string][] {
  const content = contentOf(outcome)
  const tap = outcome.tap ?? outcome.recordedBy
  for (const { purpose } of outcome.answers) purposes.add(variablePartOf(purpose))
  return [
    ...(tap ? [[`CONSENTRY_TAP_DIR_${app}`, dirname(tap)] as [string, string]] : []),
    ...(content ? [[`CONSENTRY_OUTCOME_${keyOf(content)}`, content] as [string, string]] : []),
    ...(purposes.size > 0
      ? [[`CONSENTRY_PURPOSES_${app}`, [...purposes].join('&')] as [string, string]]
      : []),
  ]
}
