const FIELDS: Readonly<Record<string, string>> = {
  name: 'Name of the line, which callers do not hear',
  language: 'Language',
  company: 'Company, if it is not the usual one',
  languages: 'Choice of language',
  mode: 'How it asks',
  disclosure: 'First prompt',
  bargeIn: 'When a key counts',
  minHeardMs: 'How much of the first prompt must be heard before a yes counts: seconds, or “all”',
  'keys.yes': 'Key for yes',
  'keys.no': 'Key for no',
  'keys.withdraw': 'Keys to withdraw',
  'keys.pause': 'Keys to pause',
  waitMs: 'Wait for the answer, s',
  'voice.engine': 'What hears the answer',
  'voice.threshold': 'Least score of a yes, 0.5 to 0.99',
  'voice.weak': 'After a weak yes',
  'voice.keyAfterYes': 'After a clear yes',
  'voice.experimental': 'Engines that are not proven',
  'voice.keepAnswer.legalBasis': 'Legal basis of keeping the spoken yes; empty: it is not kept',
  'voice.keepAnswer.retentionDays': 'The spoken yes is kept for, days',
  'voice.keepAnswer.longerBecause': 'Why the spoken yes is kept longer than 30 days',
  retries: 'Repetitions of the question',
  pauseMaxMs: 'Longest pause, s',
  onWithdraw: 'What was recorded, after a withdrawal',
  onOutsider: 'While somebody from outside is there who has not agreed',
  outsiderDisclosure: 'What somebody from outside hears first who is asked',
  onHold: 'While the caller is on hold or waits alone',
  askKeys: 'Keys with which the agent has the caller asked in the conversation, if there are any',
  onRefused: 'After a no',
  onSilent: 'After silence',
  onFailed: 'After a fault',
  purpose: 'Purpose, in small letters',
  retentionDays: 'Kept for, days',
  legalBasis: 'Legal basis',
  longerBecause: 'Why it is kept longer than 30 days',
  'prompts.question': 'Prompt that asks',
  'prompts.granted': 'Prompt after a yes',
  'prompts.refused': 'Prompt after a no',
}

/**
 * The label of a line's field.
 * @param path such as `waitMs` or `purposes.0.legalBasis`
 * @returns undefined for any other path
 */
export const fieldLabel = (path: string): string | undefined => FIELDS[path.replace(/^purposes\.\d\./, '')]
