import { languageName } from '../../core/language-names.js'
import type { MinHeard, NextStep } from '../../core/policy.js'
import { counted } from '../../lib/plural.js'

/** Longest length of time that is stated in seconds, ms. */
const SECOND_MS = 1_000

const quoted = (text: string) => `“${text}”`
const span = (ms: number): string => counted(ms / SECOND_MS, 'second', 'seconds')

/** How often something is done. */
const often = (count: number): string =>
  count === 0 ? 'not at all' : count === 1 ? 'once' : `up to ${count} times`

/** The wording of changes of a line, in English. Each value has the form of the line. */
export const en = {
  purposes: { service: 'service quality', marketing: 'marketing' } as Readonly<Record<string, string>>,
  otherPurpose: quoted,
  languageName: (language: string) => languageName(language, 'en'),
  modes: {
    key: 'callers are asked and answer with a key',
    'voice-or-key': 'callers are asked and answer by voice or with a key',
    notice: 'callers are told, and recorded if they stay',
    none: 'callers are neither asked nor recorded',
  },
  nextSteps: {
    continue: 'goes on in the dialplan',
    transfer: 'is transferred',
    hangup: 'ends',
  } satisfies Record<NextStep['do'], string>,
  answers: { onRefused: 'a no', onSilent: 'silence', onFailed: 'a fault' },
  keys: { yes: 'yes', no: 'no', withdraw: 'withdrawing', pause: 'pausing' },
  prompts: { question: 'question', granted: 'confirmation of a yes', refused: 'confirmation of a no' },
  days: (count: number) => counted(count, 'day', 'days'),
  quoted,
  language: (from: string, to: string) => `The language changes from ${from} to ${to}.`,
  lineName: (to: string | undefined) =>
    to === undefined ? 'The line has no name any more.' : `The line is called ${to}.`,
  company: (to: string | undefined) =>
    to === undefined
      ? 'Callers hear the name of the installation’s company.'
      : `Callers hear the company ${to}.`,
  languageKey: (language: string, key: string, before: string | undefined) =>
    before === undefined
      ? `Callers may choose ${language} with the key ${key}.`
      : `The key for ${language} changes from ${before} to ${key}.`,
  languageRemoved: (language: string) => `Callers cannot choose ${language} any more.`,
  languageOrder: (languages: string) => `Languages are offered in the order ${languages}.`,
  mode: (from: string, to: string) => `From now on ${to}; before, ${from}.`,
  disclosure: (from: string, to: string) => `The disclosure is ${to} in place of ${from}.`,
  term: (purpose: string, from: number, to: number) =>
    `The term for ${purpose} goes from ${from} to ${counted(to, 'day', 'days')}.`,
  basis: (purpose: string, to: string) => `The legal basis for ${purpose} is now: ${to}`,
  reason: (purpose: string, to: string) => `The reason for the longer term of ${purpose} is now: ${to}`,
  noReason: (purpose: string) => `The term of ${purpose} has no reason any more for being longer.`,
  prompt: (purpose: string, role: string, from: string, to: string) =>
    `For ${purpose}, the ${role} is ${to} in place of ${from}.`,
  purposeAdded: (purpose: string, term: string | undefined) =>
    `Recordings for ${purpose} are added${term ? `, kept for ${term}` : ''}.`,
  purposeRemoved: (purpose: string) => `Nothing is recorded for ${purpose} any more.`,
  order: (purposes: string) => `The purposes are asked in the order ${purposes}.`,
  key: (role: string, from: string, to: string) => `The key for ${role} changes from ${from} to ${to}.`,
  bargeIn: (yes: boolean): string =>
    yes ? 'A key counts while a prompt plays.' : 'A key counts only when the prompt has ended.',
  minHeard: (to: MinHeard): string =>
    to === 'all'
      ? 'A key counts only after the whole disclosure.'
      : to === 0
        ? 'A key counts as soon as the disclosure has begun.'
        : `A key counts after ${span(to)} of the disclosure.`,
  wait: (from: number, to: number) => `Callers have ${span(to)} to answer, before ${span(from)}.`,
  engine: (to: string, from: string | undefined) =>
    from === undefined
      ? `Answers are heard by the engine ${to}.`
      : `Answers are heard by the engine ${to} in place of ${from}.`,
  noEngine: 'No engine hears answers any more.',
  threshold: (to: number, from: number | undefined) =>
    `A spoken yes counts from a score of ${to} on${from === undefined ? '' : `, before from ${from} on`}.`,
  weak: {
    confirm: 'After a weak yes such as “okay” the caller is asked for a clear yes or no.',
    key: 'After a weak yes such as “okay” the caller is asked for a key.',
  },
  keyAfterYes: (yes: boolean): string =>
    yes ? 'A spoken yes counts only with a key after it.' : 'A spoken yes counts without a key after it.',
  experimental: (yes: boolean): string =>
    yes ? 'An engine that is not proven may hear answers.' : 'Only a proven engine may hear answers.',
  keptBasis: (to: string): string => `A spoken yes is kept as a recording of its own. The legal basis: ${to}`,
  keptDays: (to: number, from: number | undefined): string =>
    `A kept yes is due after ${counted(to, 'day', 'days')}${from === undefined ? '' : `, before after ${from}`}.`,
  keptBecause: (to: string | undefined): string =>
    to === undefined
      ? 'The term of a kept yes has no reason any more for being longer.'
      : `The reason for the longer term of a kept yes: ${to}`,
  keptNoMore: 'A spoken yes is not kept any more.',
  neverKept: 'The line keeps no spoken yes, whatever its group says.',
  retries: (from: number, to: number) => `The question is repeated ${often(to)}; before, ${often(from)}.`,
  withdrawal: {
    destroy: 'A withdrawal destroys the recording.',
    keep: 'A withdrawal keeps the recording up to it.',
  },
  outsider: {
    pause: 'While somebody from outside is there who has not agreed, nothing is recorded.',
    'own-side':
      'While somebody from outside is there who has not agreed, only what the caller says is recorded.',
    ask: 'Somebody from outside who has not agreed is asked, and nothing is recorded until that person agrees or leaves.',
  },
  outsiderDisclosure: (to: string | undefined) =>
    to === undefined
      ? 'Somebody from outside who is asked hears the disclosure of the line.'
      : `Somebody from outside who is asked hears ${to} in place of the disclosure.`,
  hold: {
    record: 'While the caller is on hold or waits alone, the recording goes on.',
    pause: 'While the caller is on hold or waits alone, nothing is recorded.',
  },
  askKeys: (to: string | undefined) =>
    to === undefined
      ? 'No keys of the agent ask the caller for consent any more.'
      : `By the keys ${to} the agent has the caller asked for consent in the conversation.`,
  pauseMax: (from: number, to: number) => `A pause lasts at most ${span(to)}, before ${span(from)}.`,
  next: (answer: string, from: string, to: string) =>
    `After ${answer} the call ${to}; before, it ${from.replace(/^is /, 'was ')}.`,
  target: (to: string) => ` to ${to}`,
  transferChanged: (answer: string, part: string, from: string, to: string) =>
    `After ${answer} the ${part} of the transfer is ${to} in place of ${from}.`,
  targetParts: { context: 'context', extension: 'extension', priority: 'priority' },
  other: (field: string, from: string, to: string) => `${field} changes from ${from} to ${to}.`,
  nothing: 'nothing',
}

/** The words that each language has. */
export type LineWords = typeof en
