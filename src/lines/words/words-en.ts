import { languageName } from '../../core/language-names.js'
import type { NextStep } from '../../core/policy.js'
import { en as wording } from '../fields/wording.js'

/** The wording of changes of a line, in English. Each value has the form of the line. */
export const en = {
  purposes: { service: 'service quality', marketing: 'marketing' } as Readonly<Record<string, string>>,
  otherPurpose: wording.quoted,
  languageName: (language: string) => languageName(language, 'en'),
  nextSteps: {
    continue: 'continues in the dialplan',
    transfer: 'is transferred',
    hangup: 'ends',
  } satisfies Record<NextStep['do'], string>,
  answers: { onRefused: 'a no', onSilent: 'silence', onFailed: 'a fault' },
  days: wording.days,
  quoted: wording.quoted,
  languageKey: (language: string, key: string, before: string | undefined) =>
    before === undefined
      ? `Callers may choose ${language} with the key ${key}.`
      : `The key for ${language} changes from ${before} to ${key}.`,
  languageRemoved: (language: string) => `Callers cannot choose ${language} any more.`,
  languageOrder: (languages: string) => `Languages are offered in the order ${languages}.`,
  purposeAdded: (purpose: string, term: string | undefined) =>
    `Recordings for ${purpose} are added${term ? `, kept for ${term}` : ''}.`,
  purposeRemoved: (purpose: string) => `Nothing is recorded for ${purpose} any more.`,
  order: (purposes: string) => `The purposes are asked in the order ${purposes}.`,
  neverKept: 'The line keeps no spoken yes, whatever its group says.',
  next: (answer: string, from: string, to: string) =>
    `After ${answer} the call ${to}; before, it ${from.replace(/^is /, 'was ')}.`,
  target: (to: string) => ` to ${to}`,
  transferChanged: (answer: string, part: string, from: string, to: string) =>
    `After ${answer} the ${part} of the transfer is ${to} in place of ${from}.`,
  targetParts: { context: 'context', extension: 'extension', priority: 'priority' },
  other: (field: string, from: string, to: string) => `${field} changes from ${from} to ${to}.`,
}

/** The words that each language has. */
export type LineWords = typeof en
