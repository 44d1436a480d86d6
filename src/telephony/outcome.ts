import { createHash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import type { Outcome } from '../call/ports.js'

/** Longest extension, characters; Asterisk cuts a longer one off. */
const MAX_EXTENSION_LENGTH = 79
/** Length of a key in base-36 digits: 41 bits tell apart the few hundred different outcomes that a PBX meets. */
const KEY_LENGTH = 8

/** A purpose as a part of a variable's name: the hyphens of its slug become underscores. */
const variablePartOf = (purpose: string): string => purpose.replaceAll('-', '_')

/** The part of an outcome that is too long for an extension: `TARGET/NAME:ANSWER&…/NAME&…`. Empty if there is none. */
function contentOf({ target, answers }: Outcome): string {
  if (!target && answers.length === 0) return ''
  const pairs = answers.map(({ purpose, answer }) => `${variablePartOf(purpose)}:${answer}`)
  return [
    target ?? '',
    pairs.join('&'),
    answers.map(({ purpose }) => variablePartOf(purpose)).join('&'),
  ].join('/')
}

/** Key of a content. Equal contents share a key, so that there are only as many global variables as different outcomes. */
const keyOf = (content: string): string =>
  content === ''
    ? ''
    : BigInt(`0x${createHash('sha256').update(content).digest('hex')}`)
        .toString(36)
        .slice(-KEY_LENGTH)

/**
 * Where consentry.conf takes up a call with this outcome, by an extension DECISION_CALL_START_KEY_RUNNING: START is the tap
 * to be started, RUNNING one that was started in an earlier visit.
 */
export function dialplanPlaceOf(outcome: Outcome): { context: string; extension: string; priority: number } {
  const { call, decision, tap, recordedBy } = outcome
  const startTap = tap ? basename(tap) : ''
  const runningTap = recordedBy ? basename(recordedBy) : ''
  const join = (key: string) => [decision, call, startTap, key, runningTap].join('_').replace(/_+$/, '')
  const whole = join(keyOf(contentOf(outcome)))
  // The extension is too long only with the longer pipe names of an earlier version's keeper. Then the key is left out.
  const extension = whole.length <= MAX_EXTENSION_LENGTH ? whole : join('').slice(0, MAX_EXTENSION_LENGTH)
  return { context: 'consentry-decided', extension, priority: 1 }
}

/**
 * The global variables that consentry.conf reads for this outcome.
 *
 * @param purposes names that were given out so far; those of this outcome are added
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
