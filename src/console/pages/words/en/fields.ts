const FIELDS: Readonly<Record<string, string>> = {
  language: 'Language',
  company: 'Company, if it is not the usual one',
  languages: 'Choice of language',
  mode: 'How it asks',
  disclosure: 'First prompt',
  bargeIn: 'When a key counts',
  'keys.yes': 'Key for yes',
  'keys.no': 'Key for no',
  'keys.withdraw': 'Keys to withdraw',
  'keys.pause': 'Keys to pause',
  waitMs: 'Wait for a key, s',
  retries: 'Repetitions of the question',
  pauseMaxMs: 'Longest pause, s',
  onWithdraw: 'What was recorded, after a withdrawal',
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

/** What pages call a field of a line. @param path such as `waitMs` or `purposes.0.legalBasis` @returns undefined if it is none */
export const fieldLabel = (path: string): string | undefined => FIELDS[path.replace(/^purposes\.\d\./, '')]
